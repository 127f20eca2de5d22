import { setImmediate } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import { type ConfigDocument, encodeConfigDocument } from '@hookstream/contracts';
import { inTransaction } from '@hookstream/database';
import { type DataSource, type EntityManager } from 'typeorm';
import { z } from 'zod';
import { type HeldDocument, type TopicContents } from '../kafka/topic-contents.js';
import { announceAgain } from './announce.js';
import { type StoredDocuments } from './stored-documents.js';

const PAGE_ROWS = 500;

/**
 * `missing`: the topic does not have it. `behind`: it has an older version. `different`: it has other bytes of the same
 * version. `ahead`: it has a newer version than the database, which came from a backup. `unknown`: no table knows it.
 */
type Difference = 'missing' | 'behind' | 'different' | 'ahead' | 'unknown';

export interface Reconciliation {
  readonly documents: number;
  readonly differences: Readonly<Record<Difference, number>>;
  /** Some ids of documents that no table knows. Nothing is done about them. */
  readonly unknown: readonly string[];
}

export interface ReconcilerParts {
  readonly dataSource: DataSource;
  readonly documents: StoredDocuments;
  readonly contents: TopicContents;
  /** Resolves when everything that the topic holds at the time of the call has been read. */
  readonly caughtUp: () => Promise<void>;
}

const idsSchema = z.array(z.object({ id: z.string() }));
const SHOWN = 10;

/**
 * Compares what the `config` topic holds with what the tables hold, by version and checksum, a page at a time, and marks
 * for publishing what differs. What is just on its way is no difference.
 */
export class Reconciler {
  constructor(private readonly parts: ReconcilerParts) {}

  async reconcile(signal: AbortSignal): Promise<Reconciliation> {
    const { dataSource, documents, contents } = this.parts;
    await this.parts.caughtUp();
    const differences = { missing: 0, behind: 0, different: 0, ahead: 0, unknown: 0 };
    const unseen = new Set([...contents.entries()].map(([id]) => id));
    let count = 0;
    for await (const page of documents.pages(dataSource, PAGE_ROWS)) {
      signal.throwIfAborted();
      const suspects = page.filter((document) => differenceOf(document, contents.get(document.id)) !== undefined);
      for (const { id } of page) unseen.delete(id);
      count += page.length;
      if (suspects.length > 0) await this.settle(suspects, differences);
      await setImmediate();
    }
    const unknown = await this.unknownOf([...unseen], signal);
    differences.unknown = unknown.length;
    return { documents: count, differences, unknown: unknown.slice(0, SHOWN) };
  }

  /** Looks again at what seemed to differ, and repairs what does. */
  private async settle(suspects: readonly ConfigDocument[], differences: Record<Difference, number>): Promise<void> {
    const { dataSource, documents, contents } = this.parts;
    const ids = suspects.map(({ id }) => id);
    // First read, then seen to be marked no more, then what was published by then: so none of it is still to come.
    const present = await inTransaction(dataSource, (manager) => documents.read(manager, ids));
    const waiting = await inTransaction(dataSource, (manager) => markedOf(manager, ids));
    await this.parts.caughtUp();
    await inTransaction(dataSource, async (manager) => {
      const again: { readonly id: string }[] = [];
      const newest = await documents.read(manager, ids);
      for (const [id, document] of present) {
        if (document === null || waiting.has(id)) continue;
        const held = contents.get(id);
        const difference = differenceOf(document, held);
        if (difference === undefined) continue;
        if (difference === 'ahead') {
          // It may have been changed, and published, since it was read.
          const now = newest.get(id) ?? document;
          if (held === undefined || now.version >= held.version) continue;
          await documents.raise(manager, id, held.version);
        }
        differences[difference] += 1;
        again.push({ id });
      }
      await announceAgain(manager, again);
    });
  }

  private async unknownOf(unseen: readonly string[], signal: AbortSignal): Promise<readonly string[]> {
    const { dataSource, documents, contents } = this.parts;
    if (unseen.length === 0) return [];
    await this.parts.caughtUp();
    const unknown: string[] = [];
    for (let from = 0; from < unseen.length; from += PAGE_ROWS) {
      signal.throwIfAborted();
      const ids = unseen.slice(from, from + PAGE_ROWS).filter((id) => contents.get(id) !== undefined);
      await inTransaction(dataSource, async (manager) => {
        const [present, waiting] = [await documents.read(manager, ids), await markedOf(manager, ids)];
        const strange = ids.filter((id) => !present.has(id) && !waiting.has(id));
        // The end of a deleted thing's time was not told.
        const ended = strange.filter((id) => contents.get(id)?.isDeletion === true);
        await announceAgain(
          manager,
          ended.map((id) => ({ id })),
        );
        unknown.push(...strange.filter((id) => !ended.includes(id)));
      });
    }
    return unknown;
  }
}

function differenceOf(document: ConfigDocument, held: HeldDocument | undefined): Difference | undefined {
  if (held === undefined) return 'missing';
  if (held.version !== document.version) return held.version < document.version ? 'behind' : 'ahead';
  const { value } = encodeConfigDocument('', document);
  return value !== null && crc32(value) !== held.checksum ? 'different' : undefined;
}

async function markedOf(manager: EntityManager, ids: readonly string[]): Promise<ReadonlySet<string>> {
  const rows: unknown = await manager.query('SELECT id FROM outbox WHERE id = ANY($1::text[])', [ids]);
  return new Set(idsSchema.parse(rows).map(({ id }) => id));
}
