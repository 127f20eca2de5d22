import type { ParkedObserver, ParkedSweep, RetryScheduler, SchedulerObserver } from '@hookstream/engine';
import type { Metrics, ServiceLogger } from '@hookstream/service';

const LATENESS_BUCKETS_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 30, 300];

/** Lag on delay topics is normal; how late what is due comes is not. */
export function schedulerObserver(metrics: Metrics, logger: ServiceLogger): SchedulerObserver {
  const moved = metrics.counter('retry_scheduler_moved_total', 'Delivery records sent to their next stop');
  const lateness = metrics.histogram(
    'retry_scheduler_lateness_seconds',
    'How long after its due time a delivery record was handed to the dispatcher',
    { buckets: LATENESS_BUCKETS_SECONDS },
  );
  return {
    moved(count, lateMs) {
      moved.inc(count);
      for (const milliseconds of lateMs) lateness.observe(milliseconds / 1_000);
    },
    postponed(count, error) {
      logger.warn('records could not be moved on; trying again', { count, error });
    },
  };
}

export function measureSleepers(metrics: Metrics, scheduler: RetryScheduler, now: () => number): void {
  metrics.gauge('retry_scheduler_sleeping', 'Delivery records asleep in memory', {
    collect() {
      this.set(scheduler.sleeping);
    },
  });
  metrics.gauge('retry_scheduler_overdue_seconds', 'Age of the oldest record that should have left its topic', {
    collect() {
      this.set(Math.max(0, now() - (scheduler.oldestDueAtMs ?? Infinity)) / 1_000);
    },
  });
}

export function parkedObserver(metrics: Metrics, logger: ServiceLogger): ParkedObserver {
  const released = metrics.counter(
    'retry_scheduler_released_total',
    'Parked deliveries that went back to be delivered',
  );
  const ended = metrics.counter('retry_scheduler_endings_total', 'Runs that ended while their delivery was parked', {
    labelNames: ['state', 'reason'],
  });
  const rewritten = metrics.counter(
    'retry_scheduler_rewritten_total',
    'Parked deliveries written anew, so that offsets can be committed',
  );
  const reread = metrics.counter('retry_scheduler_reread_total', 'Parked records read again from the log');
  const vanished = metrics.counter(
    'retry_scheduler_vanished_total',
    'Parked deliveries that the retention of their topic has taken: nobody will deliver them',
  );
  const refused = metrics.counter(
    'retry_scheduler_refused_total',
    'Failed writes of parked records; each is tried again',
  );
  return {
    released: (count) => released.inc(count),
    ended: (state, reason) => ended.inc({ state, reason }),
    rewritten: (count) => rewritten.inc(count),
    reread: (count) => reread.inc(count),
    vanished(count) {
      vanished.inc(count);
      logger.error('the retention of the parked topic has taken deliveries that waited', { count });
    },
    refused(error) {
      refused.inc();
      logger.debug('a parked record could not be written; trying again', { error });
    },
  };
}

export function measureParked(metrics: Metrics, sweep: ParkedSweep): void {
  metrics.gauge('retry_scheduler_parked', 'Deliveries that wait in the parked topic', {
    collect() {
      this.set(sweep.waiting);
    },
  });
  metrics.gauge('retry_scheduler_parked_ready', 'Parked deliveries in memory, on their way back', {
    collect() {
      this.set(sweep.ready);
    },
  });
}
