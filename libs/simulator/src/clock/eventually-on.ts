import { type Clock } from './clock.js';

const WITHIN_MS = 10_000;
const INTERVAL_MS = 50;

/** Calls a probe until it no longer throws, on virtual time. Throws the probe's last error after 10 s. */
export function eventuallyOn(clock: Clock) {
  return async <T>(probe: () => T | Promise<T>): Promise<T> => {
    const deadline = clock.performanceNow() + WITHIN_MS;
    for (;;) {
      try {
        return await probe();
      } catch (error) {
        if (clock.performanceNow() >= deadline) throw error;
      }
      await clock.sleep(INTERVAL_MS);
    }
  };
}
