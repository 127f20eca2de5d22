import { type RecordBatch, type TopicPartition } from '@hookstream/kafka';
import { type Counter, type Gauge, type Histogram } from 'prom-client';
import { type Metrics } from '../metrics/metrics.js';

/** What all batch transports of a process count together. */
export class BatchMetrics {
  readonly #records: Counter<'group' | 'topic'>;
  readonly #failures: Counter<'group' | 'topic'>;
  readonly #seconds: Histogram<'group' | 'topic'>;
  readonly #lag: Gauge<'group' | 'topic' | 'partition'>;

  constructor(metrics: Metrics) {
    const labelNames = ['group', 'topic'] as const;
    this.#records = metrics.counter('consumed_records_total', 'Records handled', { labelNames });
    this.#failures = metrics.counter('consumed_batches_failed_total', 'Batches handed again', { labelNames });
    this.#seconds = metrics.histogram('consumed_batch_seconds', 'Time of one batch in its handler', {
      labelNames,
      buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10],
    });
    this.#lag = metrics.gauge('consumer_lag_records', 'Records of a partition not handed over yet, at the last batch', {
      labelNames: ['group', 'topic', 'partition'],
    });
  }

  handled(group: string, batch: RecordBatch, durationMs: number): void {
    const { topic, partition, highWatermark, lastOffset, records } = batch;
    this.#records.inc({ group, topic }, records.length);
    this.#seconds.observe({ group, topic }, durationMs / 1_000);
    this.#lag.set({ group, topic, partition }, Math.max(0, highWatermark - lastOffset - 1));
  }

  failed(group: string, topic: string): void {
    this.#failures.inc({ group, topic });
  }

  revoked(group: string, partitions: readonly TopicPartition[]): void {
    for (const { topic, partition } of partitions) this.#lag.remove({ group, topic, partition });
  }
}

const known = new WeakMap<Metrics, BatchMetrics>();

/** The one instance of a registry: a second transport counts in the same series. */
export function batchMetricsOf(metrics: Metrics): BatchMetrics {
  const existing = known.get(metrics);
  if (existing) return existing;
  const created = new BatchMetrics(metrics);
  known.set(metrics, created);
  return created;
}
