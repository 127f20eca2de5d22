import axios, { type AxiosInstance } from 'axios';
import { z } from 'zod';

const created = z.object({ id: z.string() });
const delivery = z.object({ id: z.string(), state: z.string(), reason: z.string().nullish(), attempts: z.number() });
const deliveries = z.object({ data: z.array(delivery) });
const problem = z.object({ title: z.string(), detail: z.string().optional() });

export type Delivery = z.infer<typeof delivery>;

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

  async deleteSubscription(id: string): Promise<void> {
    await this.call('delete', `/v1/subscriptions/${id}`);
  }

  /** Returns the event's id. */
  async sendEvent(type: string, data: unknown): Promise<string> {
    return created.parse(await this.call('post', '/v1/events', { type, data })).id;
  }

  async deliveriesOf(subscription: string): Promise<readonly Delivery[]> {
    return deliveries.parse(await this.call('get', `/v1/deliveries?subscription=${subscription}`)).data;
  }

  private async call(method: string, url: string, data?: unknown): Promise<unknown> {
    try {
      return (await this.http.request<unknown>({ method, url, data })).data;
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
