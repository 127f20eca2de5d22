import {
  collectDefaultMetrics,
  Counter,
  Gauge,
  Histogram,
  Registry,
  type CounterConfiguration,
  type GaugeConfiguration,
  type HistogramConfiguration,
} from 'prom-client';

const PREFIX = 'hookstream_';

/**
 * The one registry of a process. Names get the prefix `hookstream_`. Bind labels once (`counter.labels('x')`) and keep
 * the bound child on hot paths: a labelled call costs 25 times as much.
 */
export class Metrics {
  readonly registry = new Registry();

  /** CPU, memory, garbage collection, event-loop lag, under prom-client's usual names. */
  collectProcessMetrics(): void {
    collectDefaultMetrics({ register: this.registry });
  }

  counter<Label extends string = never>(
    name: string,
    help: string,
    options: Pick<CounterConfiguration<Label>, 'labelNames'> = {},
  ): Counter<Label> {
    return new Counter<Label>({ ...options, name: PREFIX + name, help, registers: [this.registry] });
  }

  /** With `collect` the value is asked for at each scrape. */
  gauge<Label extends string = never>(
    name: string,
    help: string,
    options: Pick<GaugeConfiguration<Label>, 'labelNames' | 'collect'> = {},
  ): Gauge<Label> {
    return new Gauge<Label>({ ...options, name: PREFIX + name, help, registers: [this.registry] });
  }

  histogram<Label extends string = never>(
    name: string,
    help: string,
    options: Pick<HistogramConfiguration<Label>, 'labelNames' | 'buckets'> = {},
  ): Histogram<Label> {
    return new Histogram<Label>({ ...options, name: PREFIX + name, help, registers: [this.registry] });
  }
}
