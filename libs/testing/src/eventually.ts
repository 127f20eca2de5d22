import { setTimeout as delay } from 'node:timers/promises';

export interface EventuallyOptions {
  /** How long to keep trying. Default 10 s. */
  readonly timeoutMs?: number;
  /** Pause between two tries. Default 50 ms. */
  readonly intervalMs?: number;
}

/**
 * Calls `probe` until it no longer throws and returns what it returned. After `timeoutMs` it throws the probe's last
 * error, so that a failed expectation inside reads like any other. A probe that hangs counts as failed at the deadline.
 */
export async function eventually<T>(probe: () => T | Promise<T>, options: EventuallyOptions = {}): Promise<T> {
  const { timeoutMs = 10_000, intervalMs = 50 } = options;
  const deadline = performance.now() + timeoutMs;
  let lastError: unknown = new Error(`nothing came back within ${timeoutMs} ms`);
  for (;;) {
    try {
      return await within(deadline - performance.now(), probe, lastError);
    } catch (error) {
      lastError = error;
    }
    if (performance.now() + intervalMs >= deadline) throw lastError;
    await delay(intervalMs);
  }
}

async function within<T>(remainingMs: number, probe: () => T | Promise<T>, otherwise: unknown): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeUp = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(otherwise instanceof Error ? otherwise : new Error(String(otherwise)));
    }, remainingMs);
  });
  try {
    return await Promise.race([Promise.resolve().then(probe), timeUp]);
  } finally {
    clearTimeout(timer);
  }
}
