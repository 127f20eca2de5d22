import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 100;
const ANSWER_TIMEOUT_MS = 3_000;

/** Undefined when ready, else why not, as far as the service says. */
async function notReadyReason(url: string): Promise<string | undefined> {
  try {
    const response = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) });
    const body = await response.text();
    return response.status === 200 ? undefined : body.trim() || `status ${response.status}`;
  } catch {
    return 'not listening yet';
  }
}

/** Resolves when the service is ready; throws when `signal` aborts. `onWait` hears the current reason now and then. */
export async function waitUntilReady(
  url: string,
  signal: AbortSignal,
  onWait: (reason: string) => void = () => undefined,
): Promise<void> {
  for (;;) {
    const reason = await notReadyReason(url);
    if (reason === undefined) return;
    onWait(reason);
    await delay(POLL_MS, undefined, { signal });
  }
}
