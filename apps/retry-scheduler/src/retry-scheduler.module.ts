import { Module, type DynamicModule } from '@nestjs/common';
import { INTERNAL_OVERHEAD_BYTES } from '@hookstream/contracts';
import { TrackedOffsets, TrackerTable } from '@hookstream/engine';
import { RebalancedError } from '@hookstream/kafka';
import { between, type ServiceHost } from '@hookstream/service';
import { DelayTopicsController } from './adapters/delay-topics.controller.js';
import { KafkaRecordMover } from './adapters/kafka-record-mover.js';
import { measureSleepers, schedulerObserver } from './adapters/scheduler-metrics.js';
import type { Settings } from './config.js';
import { ReleaseLoop } from './core/release-loop.js';
import { RetryScheduler } from './core/retry-scheduler.js';

/** A partition of 15 topics each: deduplication is the dispatcher's, so no keys are remembered here. */
const TRACKER_LIMITS = { handledKeys: 1 };

/** A watermark that moved is committed within this. */
const COMMIT_INTERVAL_MS = 200;

@Module({})
export class RetrySchedulerModule {
  static of(host: ServiceHost<Settings>): DynamicModule {
    const { topics, settings, logger, metrics } = host;
    const trackers = new TrackerTable(TRACKER_LIMITS);
    const producer = host.producer({ maxRecordBytes: settings.MAX_EVENT_BYTES + INTERNAL_OVERHEAD_BYTES });
    const step = (name: string) => host.failPoint(`retry-scheduler.${name}`);
    const mover = new KafkaRecordMover(producer, topics.deadLetters, settings.MAX_EVENT_BYTES, logger, Date.now);
    const scheduler = new RetryScheduler({
      topics,
      trackers,
      mover: {
        move: between(step('move-begins'), (records) => mover.move(records), step('moved')),
        bury: (record, cause) => mover.bury(record, cause),
      },
      flow: { pause: (at) => transport.pause([at]), resume: (at) => transport.resume([at]) },
      observer: schedulerObserver(metrics, logger),
      now: Date.now,
    });
    const loop = new ReleaseLoop(scheduler, Date.now, (error) => {
      throw error;
    });
    const offsets = new TrackedOffsets(
      trackers,
      {
        commit: between(step('commit-begins'), (due) => transport.commit(due), step('committed')),
        committed: (of) => transport.committed(of),
      },
      (error) => {
        if (!(error instanceof RebalancedError)) logger.warn('offsets were not committed; trying again', { error });
      },
    );
    const transport = host.batchTransport({
      groupId: `${settings.TOPIC_PREFIX}retry-scheduler`,
      topics: { delay: [topics.delayNear, ...topics.delayLevels.map(({ topic }) => topic)] },
      assigner: 'co-partitioned-sticky',
      commit: 'manual',
      listener: {
        onAssigned: async (gained) => void (await offsets.assign(gained)),
        onRevoked: async (lost, reason) => {
          if (reason === 'leaving') await offsets.flush();
          for (const at of lost) scheduler.lose(at);
        },
      },
    });
    measureSleepers(metrics, scheduler, Date.now);
    const ticking = setInterval(() => offsets.tick(), COMMIT_INTERVAL_MS);
    host.lifecycle.onDrain('moves', () => loop.stop());
    host.lifecycle.onDrain('offsets', () => {
      clearInterval(ticking);
      return offsets.flush();
    });
    return {
      module: RetrySchedulerModule,
      controllers: [DelayTopicsController],
      providers: [
        { provide: RetryScheduler, useValue: scheduler },
        { provide: ReleaseLoop, useValue: loop },
      ],
    };
  }
}
