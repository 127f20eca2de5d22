interface EntityMemoryLimits {
  /** Over all sources, in bytes. */
  readonly totalBytes: number;
  /** Of one source, in bytes: one that answers at length must leave some to the others. */
  readonly sourceBytes: number;
}

const DEFAULT_ENTITY_MEMORY: EntityMemoryLimits = { totalBytes: 64 * 1_048_576, sourceBytes: 16 * 1_048_576 };

/** What one reading of an entity takes, from the first byte of the answer to the end of the attempt. */
export interface HeldBytes {
  /** False where there is no room for so many more. */
  take(bytes: number): boolean;
  /** Once; takes nothing any more afterwards. */
  release(): void;
}

/** Memory for entities that are being read, or are being sent. */
export class EntityMemory {
  private total = 0;
  private readonly bySource = new Map<string, number>();

  constructor(private readonly limits: EntityMemoryLimits = DEFAULT_ENTITY_MEMORY) {}

  get bytes(): number {
    return this.total;
  }

  /** @param source whose share it is: a subscription's id */
  hold(source: string): HeldBytes {
    let held = 0;
    return {
      take: (bytes) => {
        const ofSource = this.bySource.get(source) ?? 0;
        if (this.total + bytes > this.limits.totalBytes || ofSource + bytes > this.limits.sourceBytes) return false;
        held += bytes;
        this.add(source, bytes);
        return true;
      },
      release: () => {
        this.add(source, -held);
        held = 0;
      },
    };
  }

  private add(source: string, bytes: number): void {
    this.total += bytes;
    const ofSource = (this.bySource.get(source) ?? 0) + bytes;
    if (ofSource > 0) this.bySource.set(source, ofSource);
    else this.bySource.delete(source);
  }
}
