import { type ReadinessCheck } from '../readiness/readiness-registry.js';

/**
 * What a part of a service does besides running. Order at the start: HTTP listens → all `onStart` (together, each
 * retried for ever) → the batch transports join. At the stop: not ready → transports stop fetching → `onDrain`, one after
 * another → transports leave → Nest closes → `onClose`, last registered first.
 */
export interface Lifecycle {
  /**
   * `start` is repeated with back-off until it resolves; until then readiness `name` is not ready and tells the error
   * of the last try. Where there is none, `check` decides, by default whether it has started.
   */
  onStart(name: string, start: () => Promise<void> | void, check?: ReadinessCheck): void;
  /** Finishes what was begun: in-flight requests, buffers, offsets. Commits still work in it. */
  onDrain(name: string, drain: () => Promise<void> | void): void;
  /** Closes producers, pools, readers. */
  onClose(name: string, close: () => Promise<void> | void): void;
}
