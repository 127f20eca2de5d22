import { type ProduceInfo } from '@hookstream/kafka';
import { type Counter, type Histogram } from 'prom-client';
import { type Metrics } from '../metrics/metrics.js';

/** What all producers of a process count together. */
export class ProducerMetrics {
  readonly #records: Counter<'outcome'>;
  readonly #bytes: Counter;
  readonly #retries: Counter;
  readonly #seconds: Histogram;

  constructor(metrics: Metrics) {
    this.#records = metrics.counter('produced_records_total', 'Records sent to Kafka', { labelNames: ['outcome'] });
    this.#bytes = metrics.counter('produced_bytes_total', 'Bytes sent to Kafka');
    this.#retries = metrics.counter('produce_retries_total', 'Sends to Kafka that were repeated');
    this.#seconds = metrics.histogram('produce_seconds', 'Time of one send to Kafka, repeats included', {
      buckets: [0.002, 0.005, 0.02, 0.1, 0.5, 2, 10],
    });
  }

  produced({ records, bytes, durationMs, retries, outcome }: ProduceInfo): void {
    this.#records.inc({ outcome }, records);
    this.#bytes.inc(bytes);
    this.#retries.inc(retries);
    this.#seconds.observe(durationMs / 1_000);
  }
}
