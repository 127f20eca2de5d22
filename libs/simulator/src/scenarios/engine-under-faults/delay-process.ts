import { decodeDelivery, encodeDelivery, type ConsumedRecord } from '@hookstream/contracts';
import { TrackedOffsets, TrackerTable, WakeHeap, type OwnedPartition } from '@hookstream/engine';
import { RebalancedError, TransientKafkaError, type RecordBatch } from '@hookstream/kafka';
import { type Program } from '../../replica/deployment.js';
import { untilClosed } from '../until-closed.js';
import { waysOf, type EngineWorld } from './engine-world.js';

const COMMIT_INTERVAL_MS = 200;
const RELEASE_INTERVAL_MS = 20;
const MOVE_LIMIT = 500;

interface Waiting {
  readonly owner: OwnedPartition;
  readonly record: ConsumedRecord;
}

/**
 * Stands for the retry-scheduler: what is put off waits here until it is due and goes back to `deliveries`, at least
 * once. How it waits is not looked at.
 */
export function delayProcess({ simulation, topics }: EngineWorld): Program {
  return async (replica, log) => {
    const producer = log.producer();
    const trackers = new TrackerTable({ window: 4_096, handledKeys: 1 });
    const waiting = new WakeHeap<Waiting>();
    const take = ({ records, ...at }: RecordBatch) => {
      const owner = trackers.get(at);
      if (!owner) return;
      for (const record of records) {
        if (owner.tracker.register(record.offset) === 'new')
          waiting.push(decodeDelivery(record).dueAtMs, { owner, record });
      }
    };
    const move = async ({ owner, record }: Waiting) => {
      const delivery = decodeDelivery(record);
      try {
        await producer.send(encodeDelivery(topics.deliveries, { ...delivery, hops: delivery.hops + 1 }));
        owner.tracker.finish(record.offset);
      } catch (error) {
        if (!(error instanceof TransientKafkaError)) throw error;
        waiting.push(replica.now() + 500, { owner, record });
      }
    };
    const consumer = log.consumer(
      { groupId: 'retry-scheduler', topics: waysOf(topics).waiting, maxWaitMs: 1_000 },
      {
        onBatch: (batch) => {
          take(batch);
          return Promise.resolve();
        },
        onAssigned: async (gained) => {
          await offsets.assign(gained);
        },
        onRevoked: async (lost, reason) => {
          if (reason === 'leaving') await offsets.flush();
          for (const at of lost) trackers.revoke(at);
          waiting.retain(({ owner }) => !owner.lost);
        },
        onSkipped: (range) => {
          trackers.get(range)?.tracker.skipTo(range.lastOffset + 1);
        },
      },
    );
    const offsets = new TrackedOffsets(trackers, consumer, (error) => {
      const isExpected = error instanceof RebalancedError || error instanceof TransientKafkaError;
      if (!isExpected) simulation.reportDefect(error);
    });
    const timers = [
      replica.setInterval(() => offsets.tick(), COMMIT_INTERVAL_MS),
      replica.setInterval(() => {
        for (const item of waiting.popUntil(replica.now(), MOVE_LIMIT)) {
          if (!item.owner.lost) move(item).catch((error: unknown) => simulation.reportDefect(error));
        }
      }, RELEASE_INTERVAL_MS),
    ];
    replica.onTerminate(async () => {
      for (const timer of timers) replica.clearInterval(timer);
      await producer.flush();
      await consumer.close();
      await producer.close();
    });
    await untilClosed(consumer.start());
  };
}
