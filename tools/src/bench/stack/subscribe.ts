import axios from 'axios';

/** As many requests at once as the bare sender has. */
export const CONCURRENCY = 64;

/** Makes a subscription through the public API, as a user would. */
export async function subscribe(
  { url, apiKey }: { readonly url: string; readonly apiKey: string },
  { type, endpoint }: { readonly type: string; readonly endpoint: string },
): Promise<void> {
  try {
    await axios.post(
      `${url}/v1/subscriptions`,
      {
        name: type,
        eventTypes: [type],
        endpoint: { url: endpoint },
        rateLimit: { concurrency: CONCURRENCY },
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
