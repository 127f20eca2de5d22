import kafkajs, { type Admin } from 'kafkajs';
import { type KafkaClients } from '../client/kafka-clients.js';
import { TransientKafkaError } from '../errors.js';
import {
  type CommittedOffset,
  type LogAdmin,
  type PartitionOffset,
  type TopicPartitionOffset,
  type TopicReport,
  type TopicSpec,
} from '../ports.js';
import { within } from '../signal.js';
import { groupByTopic } from '../topic-partitions.js';
import { AdminClient } from './admin-client.js';
import { describeSetting, type SettingDifference, topicDifferences, type TopicState } from './topic-differences.js';

const { ConfigResourceTypes, ConfigSource } = kafkajs;

/** The settings of a topic: those in force, and those set on the topic itself. */
interface TopicSettings {
  readonly inForce: ReadonlyMap<string, string>;
  readonly own: ReadonlyMap<string, string>;
}

export class TopicAdmin implements LogAdmin {
  readonly #client: AdminClient;

  constructor(clients: KafkaClients) {
    this.#client = new AdminClient(clients);
  }

  async ping(timeoutMs = 2_000): Promise<void> {
    const answer = await within(
      timeoutMs,
      this.#client.request('Describing the cluster', (admin) => admin.describeCluster()),
    );
    if (answer === undefined) throw new TransientKafkaError(`No broker has answered within ${timeoutMs} ms`);
  }

  async ensureTopics(specs: readonly TopicSpec[], { apply = false } = {}): Promise<readonly TopicReport[]> {
    // Listed first: creating a topic that exists is an error in the broker's log and in ours.
    const present = new Set(await this.listTopics());
    const missing = specs.filter(({ name }) => !present.has(name));
    if (missing.length > 0) await this.#create(missing);
    const existing = specs.filter(({ name }) => present.has(name));
    const reports = existing.length === 0 ? [] : await this.#compare(existing, apply);
    const reportOf = new Map(reports.map((report) => [report.name, report]));
    return specs.map(({ name }) => reportOf.get(name) ?? { name, status: 'created', problems: [], applied: [] });
  }

  async listTopics(): Promise<readonly string[]> {
    return this.#client.request('Listing topics', (admin) => admin.listTopics());
  }

  async partitionCount(topic: string): Promise<number | undefined> {
    if (!(await this.listTopics()).includes(topic)) return undefined;
    const shapes = await this.#shapes([topic]);
    return shapes.get(topic)?.partitions;
  }

  async endOffsets(topic: string): Promise<readonly PartitionOffset[]> {
    const offsets = await this.#client.request(`End offsets of ${topic}`, (admin) => admin.fetchTopicOffsets(topic));
    return inOrder(offsets.map(({ partition, high }) => ({ partition, offset: Number(high) })));
  }

  async startOffsets(topic: string): Promise<readonly PartitionOffset[]> {
    const offsets = await this.#client.request(`Start offsets of ${topic}`, (admin) => admin.fetchTopicOffsets(topic));
    return inOrder(offsets.map(({ partition, low }) => ({ partition, offset: Number(low) })));
  }

  async offsetsForTime(topic: string, timestampMs: number): Promise<readonly PartitionOffset[]> {
    const [found, ends] = await Promise.all([
      this.#client.request(`Offsets of ${topic} by time`, (admin) =>
        admin.fetchTopicOffsetsByTimestamp(topic, timestampMs),
      ),
      this.endOffsets(topic),
    ]);
    const byTime = new Map(found.map(({ partition, offset }) => [partition, Number(offset)]));
    return ends.map((end) => {
      const offset = byTime.get(end.partition) ?? -1;
      return offset < 0 ? end : { partition: end.partition, offset };
    });
  }

  async committed(groupId: string, topics: readonly string[]): Promise<readonly CommittedOffset[]> {
    if (topics.length === 0) return [];
    const answers = await this.#client.request(`Committed offsets of ${groupId}`, (admin) =>
      admin.fetchOffsets({ groupId, topics: [...topics] }),
    );
    return answers.flatMap(({ topic, partitions }) =>
      partitions.map(({ partition, offset, metadata }) => ({
        topic,
        partition,
        offset: Number(offset) < 0 ? undefined : Number(offset),
        metadata: metadata ?? '',
      })),
    );
  }

  async setCommitted(groupId: string, offsets: readonly TopicPartitionOffset[]): Promise<void> {
    for (const [topic, ofTopic] of groupByTopic(offsets)) {
      const partitions = ofTopic.map(({ partition, offset }) => ({ partition, offset: String(offset) }));
      await this.#client.request(`Setting offsets of ${groupId}`, (admin) =>
        admin.setOffsets({ groupId, topic, partitions }),
      );
    }
  }

  async deleteTopics(names: readonly string[]): Promise<void> {
    const present = new Set(await this.listTopics());
    const topics = names.filter((name) => present.has(name));
    if (topics.length === 0) return;
    await this.#client.request('Deleting topics', (admin) => admin.deleteTopics({ topics }));
  }

  close(): Promise<void> {
    return this.#client.close();
  }

  async #create(specs: readonly TopicSpec[]): Promise<void> {
    await this.#client.request('Creating topics', (admin) =>
      admin.createTopics({
        waitForLeaders: true,
        topics: specs.map(({ name, partitions, replication, config }) => ({
          topic: name,
          numPartitions: partitions,
          replicationFactor: replication,
          configEntries: Object.entries(config).map(([entry, value]) => ({ name: entry, value })),
        })),
      }),
    );
  }

  async #compare(specs: readonly TopicSpec[], apply: boolean): Promise<readonly TopicReport[]> {
    const names = specs.map(({ name }) => name);
    const [shapes, settings] = await Promise.all([this.#shapes(names), this.#settings(names)]);
    const reports: TopicReport[] = [];
    for (const spec of specs) {
      const shape = shapes.get(spec.name) ?? { partitions: 0, replication: 0 };
      const { inForce, own } = settings.get(spec.name) ?? { inForce: new Map(), own: new Map() };
      const found = topicDifferences(spec, { ...shape, config: inForce });
      if (apply && found.settings.length > 0) await this.#set(spec.name, own, found.settings);
      const problems = [...found.shape, ...(apply ? [] : found.settings.map(describeSetting))];
      const applied = apply ? found.settings.map(({ name, wanted }) => `${name}=${wanted}`) : [];
      reports.push({ name: spec.name, status: problems.length === 0 ? 'ok' : 'differs', problems, applied });
    }
    return reports;
  }

  async #shapes(topics: string[]): Promise<ReadonlyMap<string, Pick<TopicState, 'partitions' | 'replication'>>> {
    const metadata = await this.#client.request('Describing topics', (admin) => admin.fetchTopicMetadata({ topics }));
    return new Map(
      metadata.topics.map(({ name, partitions }) => [
        name,
        { partitions: partitions.length, replication: Math.min(...partitions.map(({ replicas }) => replicas.length)) },
      ]),
    );
  }

  async #settings(topics: readonly string[]): Promise<ReadonlyMap<string, TopicSettings>> {
    const { resources } = await this.#client.request('Describing settings of topics', (admin) =>
      admin.describeConfigs({
        includeSynonyms: false,
        resources: topics.map((name) => ({ type: ConfigResourceTypes.TOPIC, name })),
      }),
    );
    return new Map(
      resources.map(({ resourceName, configEntries }) => {
        const own = configEntries.filter(({ configSource }) => configSource === ConfigSource.TOPIC_CONFIG);
        const entries = (some: typeof configEntries) =>
          new Map(some.map(({ configName, configValue }) => [configName, configValue]));
        return [resourceName, { inForce: entries(configEntries), own: entries(own) }];
      }),
    );
  }

  /** The request replaces all settings of the topic, so those already set on it go along. */
  async #set(topic: string, own: ReadonlyMap<string, string>, changes: readonly SettingDifference[]): Promise<void> {
    const wanted = new Map(own);
    for (const { name, wanted: value } of changes) wanted.set(name, value);
    const request = (admin: Admin): Promise<unknown> =>
      admin.alterConfigs({
        validateOnly: false,
        resources: [
          {
            type: ConfigResourceTypes.TOPIC,
            name: topic,
            configEntries: [...wanted].map(([name, value]) => ({ name, value })),
          },
        ],
      });
    await this.#client.request(`Changing settings of ${topic}`, request);
  }
}

function inOrder(offsets: readonly PartitionOffset[]): readonly PartitionOffset[] {
  return [...offsets].sort((a, b) => a.partition - b.partition);
}
