import {
  ClosedError,
  type CommittedOffset,
  type LogAdmin,
  type PartitionOffset,
  type TopicPartitionOffset,
  type TopicReport,
  type TopicSpec,
  TransientKafkaError,
} from '@hookstream/kafka';
import { isTransient, toKafkaError } from '../broker/broker-error.js';
import { type PartitionLog } from '../broker/partition-log.js';
import { type Connection } from '../network/connection.js';
import { type ClientContext } from './client-context.js';

const ATTEMPTS = 3;
const BACKOFF_MS = 200;

export class SimulatedAdmin implements LogAdmin {
  readonly #connection: Connection;
  #closed = false;

  constructor(private readonly context: ClientContext) {
    this.#connection = context.network.connect(context.replica);
  }

  async ping(timeoutMs = 2_000): Promise<void> {
    const { replica } = this.context;
    const answered = this.#request('Describing the cluster', () => 'answered');
    const late = new Promise<'late'>((resolve) => {
      const timer = replica.setTimeout(() => {
        resolve('late');
      }, timeoutMs);
      const clear = () => {
        replica.clearTimeout(timer);
      };
      answered.then(clear, clear);
    });
    if ((await Promise.race([answered, late])) === 'late') {
      throw new TransientKafkaError(`No broker has answered within ${timeoutMs} ms`);
    }
  }

  ensureTopics(specs: readonly TopicSpec[]): Promise<readonly TopicReport[]> {
    return this.#request('Creating topics', () => specs.map((spec) => this.context.cluster.createTopic(spec)));
  }

  listTopics(): Promise<readonly string[]> {
    return this.#request('Listing topics', () => this.context.cluster.topicNames());
  }

  partitionCount(topic: string): Promise<number | undefined> {
    return this.#request('Describing topics', () => this.context.cluster.topic(topic)?.partitions.length);
  }

  endOffsets(topic: string): Promise<readonly PartitionOffset[]> {
    return this.#offsets(topic, ({ endOffset }) => endOffset);
  }

  startOffsets(topic: string): Promise<readonly PartitionOffset[]> {
    return this.#offsets(topic, ({ startOffset }) => startOffset);
  }

  offsetsForTime(topic: string, timestampMs: number): Promise<readonly PartitionOffset[]> {
    return this.#offsets(topic, (log) => log.offsetForTime(timestampMs));
  }

  committed(groupId: string, topics: readonly string[]): Promise<readonly CommittedOffset[]> {
    const { cluster } = this.context;
    return this.#request(`Committed offsets of ${groupId}`, () =>
      cluster
        .group(groupId)
        .committed(
          topics.flatMap((topic) =>
            (cluster.topic(topic)?.partitions ?? []).map(({ partition }) => ({ topic, partition })),
          ),
        ),
    );
  }

  setCommitted(groupId: string, offsets: readonly TopicPartitionOffset[]): Promise<void> {
    return this.#request(`Setting offsets of ${groupId}`, () => {
      this.context.cluster.group(groupId).setOffsets(offsets);
    });
  }

  deleteTopics(names: readonly string[]): Promise<void> {
    return this.#request('Deleting topics', () => {
      for (const name of names) this.context.cluster.deleteTopic(name);
    });
  }

  close(): Promise<void> {
    this.#closed = true;
    return Promise.resolve();
  }

  #offsets(topic: string, offsetOf: (log: PartitionLog) => number): Promise<readonly PartitionOffset[]> {
    return this.#request(`Offsets of ${topic}`, () =>
      this.context.cluster.partitions(topic).map((log) => ({ partition: log.partition, offset: offsetOf(log) })),
    );
  }

  async #request<T>(what: string, serve: () => T): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      if (this.#closed) throw new ClosedError(`${what}: the admin client is closed`);
      try {
        return await this.#connection.request(serve);
      } catch (error) {
        if (!isTransient(error) || attempt === ATTEMPTS) throw toKafkaError(what, error);
        await this.context.replica.sleep(BACKOFF_MS * attempt);
      }
    }
  }
}
