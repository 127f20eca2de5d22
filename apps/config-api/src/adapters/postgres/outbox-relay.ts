import { inTransaction } from '@hookstream/database';
import { encodeConfigDocument, encodeForgotten, type OutgoingRecord } from '@hookstream/contracts';
import { type DataSource, type EntityManager } from 'typeorm';
import { z } from 'zod';
import { type StoredDocuments } from './stored-documents.js';

/** Ids of one round. */
const ROUND_ROWS = 500;
/** The server takes the lock from a process that was stopped, or whose machine is gone, after this. Seconds. */
const LOCK_IDLE_SECONDS = 5;
/** Nothing is sent later than this after the lock was seen to be ours: less than it takes to lose it. */
const SEND_WITHIN_MS = 3_000;
const LOCK_NAME = 'outbox of config-api';

export interface OutboxRelayParts {
  readonly dataSource: DataSource;
  readonly documents: StoredDocuments;
  readonly topic: string;
  /** Keeps the order; resolves when Kafka has all records. */
  readonly send: (records: readonly OutgoingRecord[]) => Promise<void>;
  readonly now: () => Date;
  /** Monotonic. */
  readonly nowMs: () => number;
  /** Kafka has documents; of those that changed, when they did so first since they were last published. */
  readonly onPublished: (documents: number, changedAtMs: readonly number[]) => void;
}

const markedSchema = z.array(
  z.object({ id: z.string(), turn: z.string(), changedAtMs: z.coerce.number().nullable() }).readonly(),
);
type Marked = z.infer<typeof markedSchema>[number];

/**
 * Brings what was marked in the outbox to the `config` topic, as the tables have it then. All replicas publish, one at a
 * time: a transaction lock spans reading and sending, so that an older version of a document is never written after a
 * newer one, which compaction would keep. What is marked again meanwhile stays marked.
 */
export class OutboxRelay {
  private running: Promise<void> | undefined;
  private next: Promise<void> | undefined;
  private closed = false;

  constructor(private readonly parts: OutboxRelayParts) {}

  /** Awaits the round under way; nothing is published after it. */
  async close(): Promise<void> {
    this.closed = true;
    await Promise.allSettled([this.running, this.next]);
  }

  /** Resolves when Kafka has everything that was committed before the call. @throws when it could not be brought there */
  publish(): Promise<void> {
    if (this.next) return this.next;
    if (!this.running) return this.begin();
    // The round under way may have read the outbox before the caller's commit.
    const begin = () => this.begin();
    this.next = this.running.then(begin, begin);
    return this.next;
  }

  private begin(): Promise<void> {
    this.next = undefined;
    this.running = this.drain().finally(() => {
      this.running = undefined;
    });
    return this.running;
  }

  private async drain(): Promise<void> {
    for (let after: string | undefined = '0'; after !== undefined;) {
      if (this.closed) throw new Error('the relay is closed');
      const from: string = after;
      after = await inTransaction(this.parts.dataSource, (manager) => this.round(manager, from), { retries: 0 });
    }
  }

  /** Returns the turn after which there may be more. */
  private async round(manager: EntityManager, after: string): Promise<string | undefined> {
    const { documents, topic, now, nowMs } = this.parts;
    await manager.query(`SET LOCAL idle_in_transaction_session_timeout = '${LOCK_IDLE_SECONDS}s'`);
    await manager.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [LOCK_NAME]);
    const lockedAtMs = nowMs();
    const marked = markedSchema.parse(
      await manager.query(
        `SELECT id, turn, extract(epoch FROM changed_at) * 1000 AS "changedAtMs"
         FROM outbox WHERE turn > $1 AND due_at <= $2 ORDER BY turn LIMIT ${ROUND_ROWS}`,
        [after, now()],
      ),
    );
    if (marked.length === 0) return undefined;
    const found = await documents.read(
      manager,
      marked.map(({ id }) => id),
    );
    const readable = marked.filter(({ id }) => found.get(id) !== null);
    const records = readable.map(({ id, changedAtMs }) => {
      const document = found.get(id);
      return document ? encodeConfigDocument(topic, document, changedAtMs ?? undefined) : encodeForgotten(topic, id);
    });
    // A process that was stopped may have lost the lock, and another may have published newer ones since.
    if (nowMs() - lockedAtMs > SEND_WITHIN_MS) throw new Error('the lock may have been lost before anything was sent');
    await this.parts.send(records);
    this.parts.onPublished(
      records.length,
      readable.flatMap(({ changedAtMs }) => changedAtMs ?? []),
    );
    await unmark(manager, readable);
    return marked.length < ROUND_ROWS ? undefined : marked.at(-1)?.turn;
  }
}

/** What was marked again is left, and what somebody is about to mark is not waited for: it is published again. */
async function unmark(manager: EntityManager, marked: readonly Marked[]): Promise<void> {
  await manager.query(
    `DELETE FROM outbox WHERE id IN (
       SELECT outbox.id FROM outbox JOIN unnest($1::text[], $2::bigint[]) AS sent (id, turn) USING (id, turn)
       FOR UPDATE OF outbox SKIP LOCKED)`,
    [marked.map(({ id }) => id), marked.map(({ turn }) => turn)],
  );
}
