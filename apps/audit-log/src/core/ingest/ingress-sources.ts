import { DEFAULT_MAPPING, type DeletedDocument, type SourceDocument, type SourceMapping } from '@hookstream/contracts';

/** The topics events come from: the default one, and one per source. */
export class IngressSources {
  private readonly byTopic = new Map<string, SourceDocument>();

  constructor(private readonly defaultTopic: string) {}

  onSource(document: SourceDocument): void {
    this.onDeleted(document);
    this.byTopic.set(document.topic, document);
  }

  onDeleted({ id }: Pick<DeletedDocument, 'id'>): void {
    for (const [topic, source] of this.byTopic) if (source.id === id) this.byTopic.delete(topic);
  }

  topics(): string[] {
    return [...new Set([this.defaultTopic, ...this.byTopic.keys()])].sort();
  }

  /** A topic whose source is gone is read no more; what was fetched of it before is read by the default mapping. */
  mappingOf(topic: string): SourceMapping {
    return this.byTopic.get(topic)?.mapping ?? DEFAULT_MAPPING;
  }

  /** Where reading begins in a partition that was never read: where the source says, else at its start. */
  startOffset(topic: string, partition: number): number | 'earliest' {
    return this.byTopic.get(topic)?.startOffsets[partition] ?? 'earliest';
  }
}
