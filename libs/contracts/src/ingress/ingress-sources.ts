import {
  DEFAULT_MAPPING,
  type DeletedDocument,
  type SourceDocument,
  type SourceMapping,
} from '../config/config-documents.js';

/** Which topics events come from, how their records become events, and where reading begins: for router and log alike. */
export class IngressSources {
  private readonly byId = new Map<string, SourceDocument>();
  /** Stays when a source is deleted: what was fetched before is still read by it. */
  private readonly mappings = new Map<string, SourceMapping>();

  /** @param defaultTopic read whether or not a source names it, from its beginning and by the default mapping */
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

  /** The topics to read: sorted, so that equal lists are seen to be equal. */
  topics(): readonly string[] {
    const topics = [...this.byId.values()].map(({ topic }) => topic);
    return [...new Set([this.defaultTopic, ...topics])].sort();
  }

  mappingOf(topic: string): SourceMapping {
    return this.mappings.get(topic) ?? DEFAULT_MAPPING;
  }

  /**
   * Where a partition without a committed offset begins: where its source was told to when it was created, so that
   * nothing between then and the first read is skipped. A partition added since begins at its beginning.
   */
  startOf(topic: string, partition: number): number | 'earliest' {
    return this.sourceOf(topic)?.startOffsets[String(partition)] ?? 'earliest';
  }

  private sourceOf(topic: string): SourceDocument | undefined {
    return [...this.byId.values()].findLast((source) => source.topic === topic);
  }
}
