import { type Histogram } from 'prom-client';
import { type Metrics } from '../metrics/metrics.js';

/** How long changes take from their commit until they are in force here, and which one was the newest. */
export class ConfigurationAge {
  readonly #seconds: Histogram;
  #newestMs: number | undefined;

  constructor(
    metrics: Metrics,
    private readonly nowMs: () => number = Date.now,
  ) {
    this.#seconds = metrics.histogram(
      'config_propagation_seconds',
      'Time from the commit of a change of configuration until it is in force in this process',
      { buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30] },
    );
    const newest = () => this.#newestMs;
    metrics.gauge('config_change_timestamp_seconds', 'When the newest change in force here was committed', {
      collect() {
        const atMs = newest();
        if (atMs !== undefined) this.set(atMs / 1_000);
      },
    });
  }

  /**
   * @param changedAtMs when the change was committed; `undefined`: nothing changed, or nobody says
   * @param isFollowing false while what was written before the start is read: that is no news
   */
  inForce(changedAtMs: number | undefined, isFollowing: boolean): void {
    if (changedAtMs === undefined) return;
    this.#newestMs = Math.max(changedAtMs, this.#newestMs ?? 0);
    // Two clocks: what was ahead of ours took no time.
    if (isFollowing) this.#seconds.observe(Math.max(0, this.nowMs() - changedAtMs) / 1_000);
  }
}
