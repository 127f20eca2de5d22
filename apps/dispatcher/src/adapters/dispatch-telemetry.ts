import type { Dispatcher, DispatchObserver, Endpoints, RecoveryObserver, TrackerTable } from '@hookstream/engine';
import type { Metrics, ServiceLogger } from '@hookstream/service';

const DURATION_BUCKETS_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 30];

/** Metrics and log lines of what happens to records: one wide line per attempt, at debug. */
export function dispatchTelemetry(metrics: Metrics, logger: ServiceLogger, debug: boolean): DispatchObserver {
  const attempts = metrics.counter(
    'dispatcher_attempts_total',
    'Requests to endpoints by where the delivery stands after',
    {
      labelNames: ['outcome'],
    },
  );
  const byOutcome = new Map(
    ['delivered', 'retrying', 'exhausted'].map((outcome) => [outcome, attempts.labels(outcome)] as const),
  );
  const durations = metrics.histogram(
    'dispatcher_attempt_duration_seconds',
    'From the start of a request to its response',
    {
      buckets: DURATION_BUCKETS_SECONDS,
    },
  );
  const postponed = metrics.counter('dispatcher_postponed_total', 'Deliveries sent back to wait without an attempt', {
    labelNames: ['reason'],
  });
  const repeated = metrics.counter(
    'dispatcher_attempt_repeats_total',
    'Records dropped at their start because another record of the same attempt had begun',
  );
  const endings = metrics.counter('dispatcher_endings_total', 'Runs that ended without a request', {
    labelNames: ['state', 'reason'],
  });
  const deadLetters = metrics.counter('dispatcher_dead_letters_total', 'Records that could not be delivered at all', {
    labelNames: ['reason'],
  });
  const untoldYet = new SeldomTold((subscription, more) =>
    logger.warn('an entity could not be read; its deliveries wait', { subscription, ...more }),
  );
  const delayed = metrics.counter('dispatcher_effects_delayed_total', 'Writes to Kafka that had to be tried again');

  return {
    attempted(report) {
      byOutcome.get(report.state)?.inc();
      durations.observe(report.durationMs / 1_000);
      if (!debug) return;
      const { delivery, subscription, number, run, state, durationMs, response, error, nextAttemptAtMs } = report;
      const ended = { status: response?.status, failure: error?.class, nextAttemptAtMs };
      logger.debug('attempt', { delivery, subscription, number, run, state, durationMs, ...ended });
    },
    repeated: () => repeated.inc(),
    postponed: (reason) => postponed.inc({ reason }),
    notYet: ({ subscription, id, attempt }, detail) => untoldYet.tell(subscription, { delivery: id, attempt, detail }),
    ended: (state, reason) => endings.inc({ state, reason }),
    deadLettered({ topic, partition, offset }, reason, detail) {
      deadLetters.inc({ reason });
      logger.warn('a delivery record became a dead letter', { topic, partition, offset, reason, detail });
    },
    holdingBack(why) {
      if (why === undefined) logger.warn('deliveries start again: a record was handled as it should be');
      else logger.error('no delivery starts: the fault must be ours', { why });
    },
    defect: (error) => logger.error('a delivery record could not be handled', { error }),
    effectDelayed(error) {
      delayed.inc();
      logger.debug('an effect was not written; trying again', { error });
    },
  };
}

const TELL_EVERY_MS = 60_000;
const MAX_TOLD = 1_000;

/** One line a minute for each subscription: all its deliveries may wait for the same. */
class SeldomTold {
  private readonly toldAtMs = new Map<string, number>();

  constructor(private readonly write: (subscription: string, more: object) => void) {}

  tell(subscription: string, more: object): void {
    const nowMs = performance.now();
    if (nowMs - (this.toldAtMs.get(subscription) ?? -Infinity) < TELL_EVERY_MS) return;
    if (this.toldAtMs.size >= MAX_TOLD) this.toldAtMs.clear();
    this.toldAtMs.set(subscription, nowMs);
    this.write(subscription, more);
  }
}

/** What was learned from the reports of former owners. */
export function recoveryTelemetry(metrics: Metrics, logger: ServiceLogger): RecoveryObserver {
  const settled = metrics.counter(
    'dispatcher_recovered_total',
    'Records that a former owner had finished without committing, found in its reports and not delivered again',
  );
  return {
    recovered({ finished, ...read }) {
      settled.inc(finished);
      if (read.reports > 0) logger.info('read the reports of new partitions', { ...read, finished });
    },
    incomplete: (error) => logger.warn('reports were not all read: what they tell of is delivered again', { error }),
  };
}

/** What the engine holds, asked for at each scrape. */
export function measureEngine(
  metrics: Metrics,
  { lanes, intake, ordered }: Dispatcher,
  endpoints: Endpoints,
  trackers: TrackerTable,
): void {
  const gauge = (name: string, help: string, value: () => number) =>
    metrics.gauge(name, help, {
      collect() {
        this.set(value());
      },
    });
  gauge('dispatcher_in_flight', 'Requests under way', () => lanes.inFlight);
  gauge(
    'dispatcher_unsettled',
    'Requests under way, and answered ones whose effects are being written',
    () => lanes.unsettled,
  );
  gauge(
    'dispatcher_slow_in_flight',
    'Requests under way to slow, hanging or unproven endpoints',
    () => endpoints.apart,
  );
  gauge('dispatcher_unhealthy_endpoints', 'Endpoints that are open, held or overflowing', () => endpoints.unhealthy);
  gauge('dispatcher_queued', 'Deliveries that wait in lanes', () => lanes.queued);
  gauge('dispatcher_held_bytes', 'Memory of deliveries that wait or are under way', () => lanes.bytes);
  gauge(
    'dispatcher_paused_partitions',
    'Partitions not read because too much of them waits',
    () => intake.pausedPartitions,
  );
  gauge(
    'dispatcher_repeats',
    'Records dropped because they had been seen before, since the start',
    () => intake.repeats + ordered.repeats,
  );
  gauge('dispatcher_ordered_waiting', 'Deliveries that wait for those before them', () => ordered.memory.positions);
  gauge('dispatcher_ordered_queues', 'Ordering keys of which something waits', () => ordered.memory.queues);
  gauge(
    'dispatcher_ordered_bytes',
    'Memory of ordered deliveries that wait, beside those in lanes',
    () => ordered.memory.payloadBytes,
  );
  gauge(
    'dispatcher_ordered_paused_partitions',
    'Partitions of deliveries.fifo not read because too much of them waits',
    () => ordered.pausedPartitions,
  );
  gauge(
    'dispatcher_watermark_lag',
    'Most offsets between the first unfinished record of a partition and its newest',
    () => Math.max(0, ...[...trackers.values()].map(({ tracker }) => tracker.span)),
  );
}

/** What entities take that are read when they are sent. */
export function measureEntities(
  metrics: Metrics,
  cache: { readonly bytes: number },
  memory: { readonly bytes: number },
): void {
  metrics.gauge('dispatcher_entity_bytes', 'Memory of entities that are read or being sent', {
    collect() {
      this.set(memory.bytes);
    },
  });
  metrics.gauge('dispatcher_entity_cache_bytes', 'Memory of entities that serve again', {
    collect() {
      this.set(cache.bytes);
    },
  });
}
