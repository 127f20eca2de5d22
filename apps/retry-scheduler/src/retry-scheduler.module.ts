import { Module, type DynamicModule } from '@nestjs/common';
import { INTERNAL_OVERHEAD_BYTES, type OutgoingRecord } from '@hookstream/contracts';
import {
  GuardedBurials,
  ParkedSweep,
  ReleaseLoop,
  RetryScheduler,
  TrackedOffsets,
  TrackerTable,
} from '@hookstream/engine';
import { RebalancedError } from '@hookstream/kafka';
import { between, type ServiceHost } from '@hookstream/service';
import { DelayTopicsController } from './adapters/delay-topics.controller.js';
import { KafkaRecordWriter } from './adapters/kafka-record-writer.js';
import { KafkaUndertaker } from './adapters/kafka-undertaker.js';
import { ParkedController } from './adapters/parked.controller.js';
import { measureSleepers, schedulerObserver } from './adapters/scheduler-metrics.js';
import type { Settings } from './config.js';
import { buildParkedSweep } from './parked.parts.js';

/** A partition of 15 topics each: deduplication is the dispatcher's, so no keys are remembered here. */
const TRACKER_LIMITS = { handledKeys: 1 };

/** Between two records that are tried while too many would become dead letters. */
const TRIAL_INTERVAL_MS = 1_000;
/** A watermark that moved is committed within this. */
const COMMIT_INTERVAL_MS = 200;
/** The shortest of delays is late by half of it on average: little beside a second, and much cheaper than each by itself. */
const FETCH_EVERY_MS = 20;

@Module({})
export class RetrySchedulerModule {
  static of(host: ServiceHost<Settings>): DynamicModule {
    const { topics, settings, logger, metrics } = host;
    const trackers = new TrackerTable(TRACKER_LIMITS);
    const producer = host.producer({ maxRecordBytes: settings.MAX_EVENT_BYTES + INTERNAL_OVERHEAD_BYTES });
    const step = (name: string) => host.failPoint(`retry-scheduler.${name}`);
    const records = new KafkaRecordWriter(producer);
    const writer = {
      write: between(step('move-begins'), (batch: readonly OutgoingRecord[]) => records.write(batch), step('moved')),
    };
    const undertaker = new KafkaUndertaker({
      producer,
      topics,
      maxValueBytes: settings.MAX_EVENT_BYTES,
      logger,
      now: Date.now,
    });
    const burials = new GuardedBurials(undertaker, (why) => {
      if (why === undefined) logger.info('records are taken again');
      else logger.error('no record is buried any more: the fault must be ours', { why });
    });
    const scheduler = new RetryScheduler({
      topics,
      trackers,
      writer,
      burials,
      flow: { pause: (at) => transport.pause([at]), resume: (at) => transport.resume([at]) },
      observer: schedulerObserver(metrics, logger),
      now: Date.now,
    });
    const loop = new ReleaseLoop({
      scheduler,
      now: Date.now,
      after: (milliseconds, run) => {
        const timer = setTimeout(run, milliseconds);
        return () => clearTimeout(timer);
      },
      onDefect: (error) => {
        throw error;
      },
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
      fetchEveryMs: FETCH_EVERY_MS,
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
    const trying = setInterval(() => burials.tick(), TRIAL_INTERVAL_MS);
    host.readiness.register('dead letters', () => burials.closedBecause ?? true);
    host.lifecycle.onDrain('moves', () => {
      burials.giveUp();
      return loop.stop();
    });
    host.lifecycle.onDrain('offsets', () => {
      clearInterval(ticking);
      clearInterval(trying);
      return offsets.flush();
    });
    const sweep = buildParkedSweep(host, { writer, burials });
    return {
      module: RetrySchedulerModule,
      controllers: [DelayTopicsController, ParkedController],
      providers: [
        { provide: RetryScheduler, useValue: scheduler },
        { provide: ReleaseLoop, useValue: loop },
        { provide: ParkedSweep, useValue: sweep },
      ],
    };
  }
}
