import { setTimeout as delay } from 'node:timers/promises';
import { monotonicMs } from '../measure/monotonic.js';

export interface UntilOptions {
  readonly signal: AbortSignal;
  readonly everyMs?: number;
  /** Gives up when the value has not risen for so long. Default 30 s. */
  readonly stallMs?: number;
  readonly onProgress?: (value: number) => void;
}

/**
 * Reads until the value has reached `target`, or has not risen for a while: the returned value tells which.
 *
 * @throws the signal's reason when it aborts
 */
export async function untilReached(
  read: () => Promise<number>,
  target: number,
  { signal, everyMs = 100, stallMs = 30_000, onProgress }: UntilOptions,
): Promise<number> {
  let highest = -Infinity;
  let risenAtMs = monotonicMs();
  for (;;) {
    signal.throwIfAborted();
    const value = await read();
    onProgress?.(value);
    if (value >= target) return value;
    if (value > highest) {
      highest = value;
      risenAtMs = monotonicMs();
    }
    if (monotonicMs() - risenAtMs > stallMs) return value;
    await delay(everyMs, undefined, { signal });
  }
}
