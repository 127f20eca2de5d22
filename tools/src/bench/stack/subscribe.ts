import axios from 'axios';
import { z } from 'zod';

/** As many requests at once as the bare sender has. */
export const CONCURRENCY = 64;

export interface NewSubscription {
  readonly type: string;
  /** URL. */
  readonly endpoint: string;
  /** Settings as the API takes them. */
  readonly retry?: { readonly schedule: readonly string[]; readonly jitter: number };
  readonly ordering?: { readonly mode: 'fifo' };
}

const createdSchema = z.object({ id: z.string() });

/** Makes a subscription through the public API, as a user would; returns its id. */
export async function subscribe(
  { url, apiKey }: { readonly url: string; readonly apiKey: string },
  { type, endpoint, retry, ordering }: NewSubscription,
): Promise<string> {
  try {
    const { data } = await axios.post<unknown>(
      `${url}/v1/subscriptions`,
      {
        name: type,
        eventTypes: [type],
        endpoint: { url: endpoint },
        rateLimit: { concurrency: CONCURRENCY },
        ...(retry && { retry }),
        ...(ordering && { ordering }),
      },
      { headers: { authorization: `Bearer ${apiKey}` }, proxy: false },
    );
    return createdSchema.parse(data).id;
  } catch (error) {
    const told: unknown = axios.isAxiosError<unknown>(error) ? error.response?.data : undefined;
    throw new Error(`the subscription was refused: ${told === undefined ? String(error) : JSON.stringify(told)}`, {
      cause: error,
    });
  }
}

/** Actions of the public API, one after the other. */
export async function act(
  { url, apiKey }: { readonly url: string; readonly apiKey: string },
  subscription: string,
  ...actions: readonly ('pause' | 'resume' | 'deactivate')[]
): Promise<void> {
  for (const action of actions) {
    // Without a type of its own axios calls an empty body a form, which the API refuses.
    const headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' };
    await axios.post(`${url}/v1/subscriptions/${subscription}/${action}`, {}, { headers, proxy: false });
  }
}
