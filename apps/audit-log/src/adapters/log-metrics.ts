import type { Metrics } from '@hookstream/service';
import type { LogRows } from '../core/ingest/log-rows.js';
import type { LogStore } from '../core/ingest/write-units.js';

const FLUSH_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Figures of what is written to the log. */
export class LogMetrics {
  private readonly rows;
  private readonly flushes;
  private readonly setAsideRecords;
  private readonly skippedRecords;

  constructor(metrics: Metrics) {
    this.rows = metrics.counter('log_rows_total', 'Rows written to the log, repeats included', {
      labelNames: ['table'],
    });
    this.flushes = metrics.histogram('log_write_seconds', 'How long a transaction of the log takes', {
      labelNames: ['outcome'],
      buckets: FLUSH_SECONDS,
    });
    this.setAsideRecords = metrics.counter('log_set_aside_total', 'Records that the log cannot keep', {
      labelNames: ['reason'],
    });
    this.skippedRecords = metrics.counter('log_skipped_ingress_total', 'Ingress records that are no events', {
      labelNames: ['reason'],
    });
  }

  setAside(reason: string): void {
    this.setAsideRecords.labels(reason).inc();
  }

  skipped(reason: string): void {
    this.skippedRecords.labels(reason).inc();
  }

  /** The same store, measured. */
  measured(store: LogStore): LogStore {
    return { write: (rows) => this.write(store, rows) };
  }

  private async write(store: LogStore, rows: LogRows): Promise<void> {
    const startedAtMs = performance.now();
    const seconds = () => (performance.now() - startedAtMs) / 1_000;
    try {
      await store.write(rows);
    } catch (error) {
      this.flushes.labels('failed').observe(seconds());
      throw error;
    }
    this.flushes.labels('stored').observe(seconds());
    this.rows.labels('events').inc(rows.events.length);
    this.rows.labels('routings').inc(rows.routings.length);
    this.rows.labels('deliveries').inc(rows.deliveries.length);
    this.rows.labels('attempts').inc(rows.attempts.length);
    this.rows.labels('dead_letters').inc(rows.deadLetters.length);
  }
}
