import { crc32 } from 'node:zlib';
import { type ConfigDocument, type ConsumedRecord } from '@hookstream/contracts';
import { type ConfigListener } from '@hookstream/service';

/** The last record of a key, for that is what compaction keeps. */
export interface HeldDocument {
  readonly version: number;
  /** Of its bytes. */
  readonly checksum: number;
  readonly offset: number;
  readonly partition: number;
  readonly isDeletion: boolean;
}

/** A few numbers for each document: of a hundred thousand some ten megabytes. */
export class TopicContents implements ConfigListener {
  private readonly held = new Map<string, HeldDocument>();
  private readonly overtaken = new Set<string>();
  private hasLost = false;

  onRecord({ key, value, offset, partition }: ConsumedRecord, document: ConfigDocument | null): void {
    const id = key?.toString() ?? '';
    if (document === null || value === null) {
      this.held.delete(id);
      return;
    }
    const { version, kind } = document;
    if (version < (this.held.get(id)?.version ?? 0)) this.overtaken.add(id);
    else this.overtaken.delete(id);
    this.held.set(id, { version, checksum: crc32(value), offset, partition, isDeletion: kind === 'deleted' });
  }

  /** The topic was deleted, or made anew: nothing of what was read is in it. */
  onEmptied(): void {
    this.held.clear();
    this.overtaken.clear();
    this.hasLost = true;
  }

  /** Whether the topic was found to be emptied since the last call. */
  takeLoss(): boolean {
    const lost = this.hasLost;
    this.hasLost = false;
    return lost;
  }

  get(id: string): HeldDocument | undefined {
    return this.held.get(id);
  }

  /** Of all that is held, some at a time. */
  entries(): IterableIterator<[string, HeldDocument]> {
    return this.held.entries();
  }

  get size(): number {
    return this.held.size;
  }

  /** What lay before the first record that the log still has is gone, if it did not come again. Returns how many. */
  forgetBelow(partition: number, startOffset: number): number {
    const before = this.held.size;
    for (const [id, held] of this.held) {
      if (held.partition === partition && held.offset < startOffset) this.held.delete(id);
    }
    return before - this.held.size;
  }

  /** Documents whose last record is an older version than one before it, told once: whoever starts now would read it. */
  takeOvertaken(): readonly string[] {
    const ids = [...this.overtaken];
    this.overtaken.clear();
    return ids;
  }
}
