import { type LogAdmin, type PartitionOffset } from '@hookstream/kafka';
import { type StartFrom } from '../../core/sources/source-request.js';
import { type TopicCatalog } from '../../core/sources/sources.js';
import { within } from '../../core/within.js';

const LOOK_TIMEOUT_MS = 2_000;

export class KafkaTopicCatalog implements TopicCatalog {
  constructor(private readonly admin: LogAdmin) {}

  async existing(): Promise<ReadonlySet<string> | undefined> {
    const names = this.admin.listTopics().catch(() => undefined);
    const listed = await within(LOOK_TIMEOUT_MS, names);
    return listed && new Set(listed);
  }

  async startOffsets(topic: string, startFrom: StartFrom): Promise<Readonly<Record<string, number>>> {
    if ((await this.admin.partitionCount(topic)) === undefined) return {};
    const offsets = await this.offsetsAt(topic, startFrom);
    return Object.fromEntries(offsets.map(({ partition, offset }) => [String(partition), offset]));
  }

  private offsetsAt(topic: string, startFrom: StartFrom): Promise<readonly PartitionOffset[]> {
    if (startFrom === 'latest') return this.admin.endOffsets(topic);
    if (startFrom === 'earliest') return this.admin.startOffsets(topic);
    return this.admin.offsetsForTime(topic, startFrom);
  }
}
