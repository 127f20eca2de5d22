import axios, { type AxiosInstance } from 'axios';
import { z } from 'zod';

const created = z.object({ id: z.string() });
const delivery = z.object({
  id: z.string(),
  event: z.object({ type: z.string() }),
  state: z.string(),
  reason: z.string().nullish(),
  attempts: z.number(),
});
const deliveries = z.object({ data: z.array(delivery) });
const attempt = z.object({
  number: z.number(),
  durationMs: z.number(),
  response: z.object({ status: z.number() }).nullish(),
  error: z.object({ class: z.string() }).nullish(),
});
const subscription = z.object({
  id: z.string(),
  active: z.boolean(),
  signing: z.object({
    scheme: z.string(),
    secret: z.string().optional(),
    secrets: z.array(z.object({ publicKey: z.string().optional() })).optional(),
  }),
});
const endpointPart = z.looseObject({ httpsOnly: z.boolean().optional() });
const profile = z.object({
  name: z.string(),
  description: z.string(),
  settings: z.looseObject({ endpoint: endpointPart.optional() }),
  sample: z.object({
    settings: z.looseObject({ endpoint: z.looseObject({}).optional() }).optional(),
    events: z.array(z.looseObject({ type: z.string() })),
    resources: z.record(z.string(), z.unknown()).optional(),
  }),
});
const problem = z.object({ title: z.string(), detail: z.string().optional() });

export type Delivery = z.infer<typeof delivery>;
/** Of `GET /v1/profiles`. */
export type ListedProfile = z.infer<typeof profile>;

export interface DemoSubscription {
  readonly name: string;
  readonly eventTypes: readonly string[];
  readonly url: string;
  readonly schedule: readonly string[];
}

/** The few calls of the public API that the demo makes. Each throws with the problem's title when it is refused. */
export class HookstreamApi {
  private readonly http: AxiosInstance;

  constructor(url: string, apiKey: string) {
    this.http = axios.create({
      baseURL: url,
      headers: { Authorization: `Bearer ${apiKey}` },
      timeout: 10_000,
      proxy: false,
    });
  }

  /** Returns its id. */
  async createSubscription({ name, eventTypes, url, schedule }: DemoSubscription): Promise<string> {
    const body = { name, eventTypes, endpoint: { url }, retry: { schedule, jitter: 0 } };
    return created.parse(await this.call('post', '/v1/subscriptions', body)).id;
  }

  async profiles(): Promise<readonly ListedProfile[]> {
    return z.object({ data: z.array(profile) }).parse(await this.call('get', '/v1/profiles')).data;
  }

  /** Returns it with its secret, which is shown this once. */
  async subscribe(settings: Readonly<Record<string, unknown>>): Promise<z.infer<typeof subscription>> {
    return subscription.parse(await this.call('post', '/v1/subscriptions', settings));
  }

  async activate(id: string): Promise<void> {
    await this.call('post', `/v1/subscriptions/${id}/activate`, {});
  }

  async deleteSubscription(id: string): Promise<void> {
    await this.call('delete', `/v1/subscriptions/${id}`);
  }

  /** Returns the event's id. */
  async sendEvent(type: string, data: unknown): Promise<string> {
    return created.parse(await this.call('post', '/v1/events', { type, data })).id;
  }

  /** A CloudEvent in structured mode. Returns the event's id. */
  async sendCloudEvent(event: Readonly<Record<string, unknown>>): Promise<string> {
    return created.parse(await this.call('post', '/v1/events', event, 'application/cloudevents+json')).id;
  }

  async deliveriesOf(subscription: string): Promise<readonly Delivery[]> {
    return deliveries.parse(await this.call('get', `/v1/deliveries?subscription=${subscription}`)).data;
  }

  async attemptsOf(delivery: string): Promise<readonly z.infer<typeof attempt>[]> {
    const found = await this.call('get', `/v1/deliveries/${delivery}`);
    return z.object({ attempts: z.array(attempt) }).parse(found).attempts;
  }

  private async call(method: string, url: string, data?: unknown, contentType?: string): Promise<unknown> {
    const headers = contentType === undefined ? {} : { 'Content-Type': contentType };
    try {
      return (await this.http.request<unknown>({ method, url, data, headers })).data;
    } catch (error) {
      throw new Error(`${method.toUpperCase()} ${url}: ${reasonOf(error)}`, { cause: error });
    }
  }
}

function reasonOf(error: unknown): string {
  if (!axios.isAxiosError<unknown>(error) || error.response === undefined) return String(error);
  const { status, data } = error.response;
  const told = problem.safeParse(data).data;
  return told ? `${status} ${told.title}${told.detail === undefined ? '' : `: ${told.detail}`}` : String(status);
}
