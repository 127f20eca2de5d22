import { setTimeout as delay } from 'node:timers/promises';

/** Tries until it no longer throws. The one of `@hookstream/testing` would close a circle: that library may use this one. */
export async function eventually<T>(probe: () => T | Promise<T>, timeoutMs = 20_000): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    try {
      return await probe();
    } catch (error) {
      if (performance.now() >= deadline) throw error;
      await delay(50);
    }
  }
}
