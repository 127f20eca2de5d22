import { type ConsumedRecord } from '@hookstream/contracts';
import kafkajs, { type Cluster, type Consumer, type KafkaMessage } from 'kafkajs';
import { consumedRecord } from '../client/consumed-record.js';
import { type KafkaClients } from '../client/kafka-clients.js';
import { type TopicWatch } from '../consumer/topic-watch.js';

const READ_UNCOMMITTED = 0;
const MIB = 1024 * 1024;
const BYTES_PER_FETCH = 8 * MIB;
const BYTES_PER_PARTITION = MIB;
/** Larger than any batch with its successors: what then is not in the answer is not in the log. */
const BYTES_ACROSS_GAPS = 32 * MIB;

export interface FetchPosition {
  readonly partition: number;
  readonly offset: number;
  /** The last fetch brought nothing although the log goes on. */
  readonly atGap: boolean;
}

export interface Fetched {
  readonly partition: number;
  readonly records: readonly ConsumedRecord[];
  /** Where to fetch on. */
  readonly nextOffset: number;
  readonly highWatermark: number;
  /** Nothing came although the log goes on: fetch again with `atGap`. */
  readonly atGap: boolean;
  /** When the fetch was sent, by `performance.now()`. */
  readonly sentAtMs: number;
}

interface FetchResponse {
  readonly responses: readonly {
    readonly topicName: string;
    readonly partitions: readonly {
      readonly partition: number;
      readonly highWatermark: string;
      readonly messages: readonly (KafkaMessage & { readonly isControlRecord?: boolean })[];
    }[];
  }[];
}

/**
 * Fetches from partitions by number and offset, outside any group: no rebalance, nothing committed, no group left behind.
 * kafkajs has no call for that, but hands its cluster (a documented type) to partition assigners; the consumer made here
 * for it never joins.
 */
export class LogFetcher {
  readonly #consumer: Consumer;
  readonly #cluster: Cluster;

  constructor(
    clients: KafkaClients,
    readonly maxWaitMs: number,
  ) {
    let cluster: Cluster | undefined;
    this.#consumer = clients.kafka().consumer({
      groupId: 'hookstream-never-joined',
      allowAutoTopicCreation: false,
      partitionAssigners: [
        (config) => {
          cluster = config.cluster;
          return kafkajs.PartitionAssigners.roundRobin(config);
        },
      ],
    });
    if (cluster === undefined) throw new Error('kafkajs has not made its assigners when the consumer was made');
    this.#cluster = cluster;
  }

  async connect(topic: string): Promise<void> {
    await this.#consumer.connect();
    await this.#cluster.addTargetTopic(topic);
  }

  async disconnect(): Promise<void> {
    await this.#consumer.disconnect();
  }

  /** Returns those that were made anew since they were last looked at. */
  look(watch: TopicWatch, topics: readonly string[]): Promise<readonly string[]> {
    return watch.look(this.#cluster, topics);
  }

  partitions(topic: string): readonly number[] {
    return this.#cluster.findTopicPartitionMetadata(topic).map(({ partitionId }) => partitionId);
  }

  async offsets(
    topic: string,
    which: 'start' | 'end',
    partitions = this.partitions(topic),
  ): Promise<ReadonlyMap<number, number>> {
    const [answer] = await this.#cluster.fetchTopicsOffset([
      { topic, partitions: partitions.map((partition) => ({ partition })), fromBeginning: which === 'start' },
    ]);
    return new Map((answer?.partitions ?? []).map(({ partition, offset }) => [partition, Number(offset)]));
  }

  /** One fetch per leader; waits up to `maxWaitMs` while there is nothing new. Calls `onFetched` as answers come. */
  async fetch(
    topic: string,
    positions: readonly FetchPosition[],
    onFetched: (fetched: readonly Fetched[]) => Promise<void>,
  ): Promise<void> {
    await this.#cluster.refreshMetadataIfNecessary();
    const leaders = this.#cluster.findLeaderForPartitions(
      topic,
      positions.map(({ partition }) => partition),
    );
    await Promise.all(
      Object.entries(leaders).map(async ([nodeId, partitions]) => {
        const ofLeader = positions.filter(({ partition }) => partitions.includes(partition));
        await onFetched(await this.#fetchFrom(nodeId, topic, ofLeader));
      }),
    );
  }

  async #fetchFrom(nodeId: string, topic: string, positions: readonly FetchPosition[]): Promise<readonly Fetched[]> {
    const broker = await this.#cluster.findBroker({ nodeId });
    const sentAtMs = performance.now();
    const answer = (await broker.fetch({
      maxWaitTime: this.maxWaitMs,
      minBytes: 1,
      maxBytes: positions.some(({ atGap }) => atGap) ? BYTES_ACROSS_GAPS : BYTES_PER_FETCH,
      isolationLevel: READ_UNCOMMITTED,
      topics: [
        {
          topic,
          partitions: positions.map(({ partition, offset, atGap }) => ({
            partition,
            fetchOffset: String(offset),
            maxBytes: atGap ? BYTES_ACROSS_GAPS : BYTES_PER_PARTITION,
          })),
        },
      ],
    })) as FetchResponse;
    const answered = answer.responses.flatMap(({ topicName, partitions }) => (topicName === topic ? partitions : []));
    return positions.flatMap((position) => {
      const data = answered.find(({ partition }) => partition === position.partition);
      return data === undefined ? [] : [{ ...interpret(topic, position, data), sentAtMs }];
    });
  }
}

type PartitionData = FetchResponse['responses'][number]['partitions'][number];

/**
 * Compaction leaves batches whose last records, or all, are gone: a fetch may bring nothing at or after its offset although
 * the log goes on. Then it is repeated with so many bytes that a later record would be in the answer; still none means
 * that there is none up to the high watermark.
 */
export function interpret(
  topic: string,
  { partition, offset, atGap }: FetchPosition,
  data: PartitionData,
): Omit<Fetched, 'sentAtMs'> {
  const highWatermark = Number(data.highWatermark);
  const messages = data.messages.filter((message) => Number(message.offset) >= offset);
  const last = messages.at(-1);
  if (last !== undefined) {
    const records = messages.filter(({ isControlRecord }) => isControlRecord !== true);
    return {
      partition,
      highWatermark,
      atGap: false,
      nextOffset: Number(last.offset) + 1,
      records: records.map((message) => consumedRecord(topic, partition, message)),
    };
  }
  const goesOn = highWatermark > offset;
  const nextOffset = goesOn && atGap ? highWatermark : offset;
  return { partition, highWatermark, records: [], nextOffset, atGap: goesOn && !atGap };
}
