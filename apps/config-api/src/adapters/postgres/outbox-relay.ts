import { setTimeout as delay } from 'node:timers/promises';
import { inTransaction } from '@hookstream/database';
import { type OutgoingRecord } from '@hookstream/contracts';
import { type DataSource, type EntityManager, LessThanOrEqual, In } from 'typeorm';
import { type OutboxRow, outboxRows } from './rows.js';

/** Rows of one round. */
const ROUND_ROWS = 500;
const POLL_INTERVAL_MS = 1_000;
const LONGEST_BACKOFF_MS = 10_000;
const LOCK_NAME = 'outbox of config-api';

export interface OutboxRelayParts {
  readonly dataSource: DataSource;
  readonly topic: string;
  /** Keeps the order; resolves when Kafka has all records. */
  readonly send: (records: readonly OutgoingRecord[]) => Promise<void>;
  readonly now: () => Date;
  readonly onFailure: (error: unknown) => void;
}

/**
 * Brings what was committed to the outbox to the `config` topic. All replicas relay, one at a time: a transaction lock
 * spans reading, sending and deleting, so that an older version of a document is never written after a newer one, which
 * compaction would keep. A writer has its rows published at once; a poll does it for writers that died or gave up.
 */
export class OutboxRelay {
  private running: Promise<void> | undefined;
  private next: Promise<void> | undefined;
  private readonly stopping = new AbortController();
  private polling: Promise<void> | undefined;

  constructor(private readonly parts: OutboxRelayParts) {}

  start(): void {
    this.polling ??= this.poll();
  }

  /** Awaits the round under way; nothing is published after it. */
  async close(): Promise<void> {
    this.stopping.abort();
    await this.polling;
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
    let published: number;
    do published = await inTransaction(this.parts.dataSource, (manager) => this.round(manager), { retries: 0 });
    while (published === ROUND_ROWS);
  }

  private async round(manager: EntityManager): Promise<number> {
    await manager.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [LOCK_NAME]);
    const rows = await manager.find(outboxRows, {
      where: { dueAt: LessThanOrEqual(this.parts.now()) },
      order: { id: 'ASC' },
      take: ROUND_ROWS,
    });
    if (rows.length === 0) return 0;
    await this.parts.send(newestOfEach(rows).map((row) => this.recordOf(row)));
    await manager.delete(outboxRows, { id: In(rows.map(({ id }) => id)) });
    return rows.length;
  }

  private recordOf({ key, value }: OutboxRow): OutgoingRecord {
    return { topic: this.parts.topic, key, value: value === null ? null : Buffer.from(value) };
  }

  private async poll(): Promise<void> {
    const { signal } = this.stopping;
    let pauseMs = POLL_INTERVAL_MS;
    while (!signal.aborted) {
      try {
        await this.publish();
        pauseMs = POLL_INTERVAL_MS;
      } catch (error) {
        this.parts.onFailure(error);
        pauseMs = Math.min(pauseMs * 2, LONGEST_BACKOFF_MS);
      }
      // Only `close` ends the pause early, and the loop's condition sees it.
      await delay(pauseMs, undefined, { signal }).catch(() => undefined);
    }
  }
}

/** The last row of each key, in order: readers drop the others anyway. */
function newestOfEach(rows: readonly OutboxRow[]): OutboxRow[] {
  const newest = new Map<string, OutboxRow>();
  for (const row of rows) {
    newest.delete(row.key);
    newest.set(row.key, row);
  }
  return [...newest.values()];
}
