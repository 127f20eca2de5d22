import { RebalancedError, type RecordBatch, type RecordConsumer, TransientKafkaError } from '@hookstream/kafka';
import { type Program } from '../../replica/deployment.js';
import { type Simulation } from '../../simulation.js';
import { untilClosed } from '../until-closed.js';
import { DeliveryOrder, type LogJournal } from './log-journal.js';

export interface LogWorld {
  readonly topic: string;
  readonly journal: LogJournal;
  /** Values that any member was given. */
  readonly delivered: Set<string>;
  /** Milliseconds of virtual time after which nothing new is written. */
  readonly writeUntilMs: number;
}

/** Writes numbered values until its time is over, and remembers what was acknowledged. */
export function writer({ topic, journal, delivered, writeUntilMs }: LogWorld, ordered: boolean): Program {
  return async (replica, log) => {
    const producer = log.producer({ ordered, deliveryTimeoutMs: 5_000, maxBatchRecords: 7 });
    for (let n = 0; replica.performanceNow() < writeUntilMs; n += 1) {
      const value = `${ordered ? 'ordered' : 'free'}-${replica.name}/${n}`;
      const key = replica.random.chance(0.7) ? `k${replica.random.below(20)}` : null;
      producer.send({ topic, key, value: Buffer.from(value) }).then(
        (position) => {
          journal.wasAcknowledged(value, position, delivered);
        },
        (error: unknown) => {
          // Not acknowledged: nothing is promised.
          if (!(error instanceof TransientKafkaError)) throw error;
        },
      );
      if (replica.random.chance(0.3)) await replica.sleep(replica.random.between(1, 250));
    }
  };
}

/** Reads as one of a group: handles slowly, fails at times, commits what it has handled. */
export function reader({ topic, journal, delivered }: LogWorld, simulation: Simulation): Program {
  return async (replica, log) => {
    const order = new DeliveryOrder();
    const onBatch = async (batch: RecordBatch) => {
      simulation.check(() => {
        order.delivered(batch);
      });
      if (replica.random.chance(0.3)) await replica.sleep(replica.random.between(1, 200));
      if (replica.random.chance(0.05)) throw new Error('not now');
      for (const { value } of batch.records) {
        delivered.add(String(value));
        journal.wasDelivered(String(value));
      }
      order.handled(batch);
      // Some come late, when the partition may be another's.
      const delayMs = replica.random.chance(0.1) ? replica.random.between(1, 8_000) : 1;
      replica.setTimeout(() => {
        commit(consumer, batch).catch((error: unknown) => {
          simulation.reportDefect(error);
        });
      }, delayMs);
    };
    const consumer: RecordConsumer = log.consumer(
      { groupId: 'readers', topics: [topic], assigner: 'co-partitioned-sticky', missingTopicsIntervalMs: 1_000 },
      {
        onBatch,
        onAssigned: (gained) => {
          order.begin(gained);
        },
        onSkipped: (range) => {
          order.handled(range);
        },
      },
    );
    replica.onTerminate(() => consumer.close());
    await untilClosed(consumer.start());
  };
}

async function commit(consumer: RecordConsumer, { topic, partition, lastOffset }: RecordBatch): Promise<void> {
  try {
    await consumer.commit([{ topic, partition, offset: lastOffset + 1 }]);
  } catch (error) {
    // The next owner, or the next commit, does it.
    if (!(error instanceof RebalancedError || error instanceof TransientKafkaError)) throw error;
  }
}
