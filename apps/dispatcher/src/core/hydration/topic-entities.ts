import type { TopicHydration } from '@hookstream/domain';
import { entityKeyOf, findJsonFault, type RenderableEvent } from '@hookstream/rendering';
import type { EntityMemory } from './entity-memory.js';
import { MAX_ENTITY_BYTES, type EntityReading } from './entity-reading.js';

/** The newest value of each key of a topic. */
export interface EntityTable {
  /** Whether all is in that was in the topic when the reading began. */
  isReady(): boolean;
  /** Undefined where the topic has no such key, or a tombstone. @throws where the disk fails */
  get(key: string): Promise<Buffer | undefined>;
  /** Never rejects. */
  close(): Promise<void>;
}

export interface TopicEntitiesParts {
  /** Begins to read a topic from its beginning; `onStale` is called when what was read counts no more. */
  readonly open: (topic: string, onStale: () => void) => EntityTable;
  readonly memory: EntityMemory;
}

/** Entities by the newest value of their key in a compacted topic. A topic is read from the first time it is needed. */
export class TopicEntities {
  private readonly tables = new Map<string, EntityTable>();

  constructor(private readonly parts: TopicEntitiesParts) {}

  /** @param source whose share of memory it takes: a subscription's id */
  async read(event: RenderableEvent, source: string, { topic, key }: TopicHydration): Promise<EntityReading> {
    const reference = entityKeyOf(key, event);
    if (!reference.ok) return { kind: 'unnamed', detail: reference.detail };
    const table = this.tables.get(topic) ?? this.open(topic);
    if (!table.isReady()) return unavailable(`the topic ${topic} has not been read to its end yet`);
    const json = await table.get(reference.text).catch(() => 'failed' as const);
    if (json === 'failed') {
      this.drop(topic, table);
      return unavailable(`the table of ${topic} cannot be read, and is made anew`);
    }
    if (json === undefined) return { kind: 'missing', detail: `the topic ${topic} has no such key` };
    if (json.length > MAX_ENTITY_BYTES) return unavailable(`the value in ${topic} has ${json.length} bytes`);
    const fault = findJsonFault(json);
    if (fault) return unavailable(`the value in ${topic} is no JSON: ${fault.detail}`);
    const held = this.parts.memory.hold(source);
    if (!held.take(json.length)) return unavailable('there is no memory for the entity now');
    return { kind: 'entity', json, release: () => held.release() };
  }

  async close(): Promise<void> {
    const tables = [...this.tables.values()];
    this.tables.clear();
    await Promise.all(tables.map((table) => table.close()));
  }

  private open(topic: string): EntityTable {
    const table: EntityTable = this.parts.open(topic, () => this.drop(topic, table));
    this.tables.set(topic, table);
    return table;
  }

  /** The next who needs it reads it from its beginning. */
  private drop(topic: string, table: EntityTable): void {
    if (this.tables.get(topic) === table) this.tables.delete(topic);
    void table.close();
  }
}

function unavailable(detail: string): EntityReading {
  return { kind: 'unavailable', detail, againInMs: 0 };
}
