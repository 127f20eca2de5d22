import { DEFAULT_MAPPING, type DeletedDocument, type SourceDocument, type SourceMapping } from '@hookstream/contracts';

/** The topics that events come from, and how their records become events: what the router reads, read in the same way. */
export class IngressSources {
  private readonly byId = new Map<string, SourceDocument>();
  /** Stays when a source is deleted: the router may have read by it what is only now read here. */
  private readonly mappings = new Map<string, SourceMapping>();

  /** @param defaultTopic read whether or not a source names it */
  constructor(private readonly defaultTopic: string) {}

  onSource(source: SourceDocument): void {
    this.byId.set(source.id, source);
    this.mappings.set(source.topic, source.mapping);
  }

  onDeleted({ id }: Pick<DeletedDocument, 'id'>): void {
    const former = this.byId.get(id);
    if (!former) return;
    this.byId.delete(id);
    const other = this.sourceOf(former.topic);
    if (other) this.mappings.set(other.topic, other.mapping);
    else if (former.topic === this.defaultTopic) this.mappings.delete(former.topic);
  }

  onForgotten(id: string): void {
    this.onDeleted({ id });
  }

  /** Sorted, so that equal lists are seen to be equal. */
  topics(): string[] {
    const topics = [...this.byId.values()].map(({ topic }) => topic);
    return [...new Set([this.defaultTopic, ...topics])].sort();
  }

  mappingOf(topic: string): SourceMapping {
    return this.mappings.get(topic) ?? DEFAULT_MAPPING;
  }

  /** Where reading begins in a partition that was never read: where the source says, else at its start. */
  startOf(topic: string, partition: number): number | 'earliest' {
    return this.sourceOf(topic)?.startOffsets[String(partition)] ?? 'earliest';
  }

  private sourceOf(topic: string): SourceDocument | undefined {
    return [...this.byId.values()].findLast((source) => source.topic === topic);
  }
}
