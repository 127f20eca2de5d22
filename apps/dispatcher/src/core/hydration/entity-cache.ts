interface Cached {
  readonly json: Buffer;
  readonly untilMs: number;
}

/** Of an entry's own objects. */
const OVERHEAD_BYTES = 512;

/** Entities that serve again for a while; those unused for longest go first. */
export class EntityCache {
  private readonly cached = new Map<string, Cached>();
  private heldBytes = 0;

  constructor(private readonly maxBytes: number) {}

  get bytes(): number {
    return this.heldBytes;
  }

  get(key: string, nowMs: number): Buffer | undefined {
    const found = this.cached.get(key);
    if (!found) return undefined;
    this.drop(key, found);
    if (nowMs >= found.untilMs) return undefined;
    this.keep(key, found);
    return found.json;
  }

  set(key: string, json: Buffer, untilMs: number): void {
    const before = this.cached.get(key);
    if (before) this.drop(key, before);
    this.keep(key, { json, untilMs });
    for (const [oldest, entry] of this.cached) {
      if (this.heldBytes <= this.maxBytes) return;
      this.drop(oldest, entry);
    }
  }

  private keep(key: string, entry: Cached): void {
    this.cached.set(key, entry);
    this.heldBytes += sizeOf(key, entry);
  }

  private drop(key: string, entry: Cached): void {
    this.cached.delete(key);
    this.heldBytes -= sizeOf(key, entry);
  }
}

function sizeOf(key: string, { json }: Cached): number {
  return json.length + 2 * key.length + OVERHEAD_BYTES;
}
