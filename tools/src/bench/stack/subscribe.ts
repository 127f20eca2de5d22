import axios from 'axios';

/** As many requests at once as the bare sender has. */
export const CONCURRENCY = 64;

export interface NewSubscription {
  readonly type: string;
  /** URL. */
  readonly endpoint: string;
  readonly retry?: { readonly schedule: readonly string[]; readonly jitter: number };
}

/** Makes a subscription through the public API, as a user would. */
export async function subscribe(
  { url, apiKey }: { readonly url: string; readonly apiKey: string },
  { type, endpoint, retry }: NewSubscription,
): Promise<void> {
  try {
    await axios.post(
      `${url}/v1/subscriptions`,
      {
        name: type,
        eventTypes: [type],
        endpoint: { url: endpoint },
        rateLimit: { concurrency: CONCURRENCY },
        ...(retry && { retry }),
      },
      { headers: { authorization: `Bearer ${apiKey}` }, proxy: false },
    );
  } catch (error) {
    const told: unknown = axios.isAxiosError<unknown>(error) ? error.response?.data : undefined;
    throw new Error(`the subscription was refused: ${told === undefined ? String(error) : JSON.stringify(told)}`, {
      cause: error,
    });
  }
}
