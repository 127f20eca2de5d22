import { setTimeout as delay } from 'node:timers/promises';
import { type SecretBox } from '@hookstream/contracts';
import { inTransaction } from '@hookstream/database';
import { type DataSource, In, MoreThan, type ObjectLiteral } from 'typeorm';
import { z } from 'zod';
import { sealSubscriptionAnew } from '../../core/encryption/seal-subscription-anew.js';
import { type SubscriptionState } from '../../core/subscriptions/subscription-state.js';
import { announceAll } from './announce.js';
import { PostgresRequestNames } from './request-names.js';
import { type StoredRow } from './rows.js';
import { subscriptionMapping } from './table-mappings.js';

export interface KeyRotationParts {
  readonly dataSource: DataSource;
  /** The new key first, the former ones after it. */
  readonly box: SecretBox;
  /** Told after each transaction how many subscriptions were sealed anew so far. */
  readonly onProgress: (subscriptions: number) => void;
  /** Told while others have yet to publish what was written. */
  readonly onWaiting: (documents: number) => void;
  /** Subscriptions of one transaction. */
  readonly rowsAtOnce: number;
}

export interface KeyRotationReport {
  readonly subscriptions: number;
  readonly answers: number;
  /** Subscriptions with a secret that no key opens; they are as they were. */
  readonly unreadable: readonly string[];
  /** Subscriptions that somebody goes on to seal with a former key. */
  readonly sealedByOthers: number;
}

const counted = z.array(z.object({ count: z.number() }));
/** What is written while a pass runs, by a process that still seals with the former key, is found by the next one. */
const MAX_PASSES = 3;
const POLL_MS = 250;

/**
 * Seals everything that is stored with the current key, a few rows per transaction, while the services run: each row is
 * locked and announced with the write that changes it. What a run that was killed has done is done; the next one goes on
 * with the rest, and one that finds nothing changes nothing.
 */
export class KeyRotation {
  constructor(private readonly parts: KeyRotationParts) {}

  /** Resolves when everything is sealed with the current key, and published. */
  async run(): Promise<KeyRotationReport> {
    const { dataSource, box } = this.parts;
    const unreadable = new Set<string>();
    let subscriptions = 0;
    let sealedByOthers = 0;
    for (let pass = 1; pass <= MAX_PASSES; pass += 1) {
      sealedByOthers = await this.pass(subscriptions, unreadable);
      subscriptions += sealedByOthers;
      if (sealedByOthers === 0) break;
    }
    const answers = await new PostgresRequestNames(dataSource, box).sealAnew();
    await this.published();
    return { subscriptions, answers, unreadable: [...unreadable], sealedByOthers };
  }

  private async pass(before: number, unreadable: Set<string>): Promise<number> {
    const { dataSource, rowsAtOnce, onProgress } = this.parts;
    const { table } = subscriptionMapping;
    let sealed = 0;
    for (let after = '0'; ;) {
      const rows = await inTransaction(dataSource, (manager) =>
        manager.find(table, { where: { seq: MoreThan(after) }, order: { seq: 'ASC' }, take: rowsAtOnce }),
      );
      const stale = this.stale(rows, unreadable).map(({ before: { id } }) => id);
      if (stale.length > 0) {
        sealed += await this.sealAnew(stale, unreadable);
        onProgress(before + sealed);
      }
      const last = rows.at(-1);
      if (!last) return sealed;
      after = last.seq;
    }
  }

  private sealAnew(ids: readonly string[], unreadable: Set<string>): Promise<number> {
    const { table, document } = subscriptionMapping;
    return inTransaction(this.parts.dataSource, async (manager) => {
      const rows = await manager.find(table, {
        where: { id: In(ids) },
        order: { seq: 'ASC' },
        lock: { mode: 'pessimistic_write' },
      });
      const states = this.stale(rows, unreadable).map(({ after }) => after);
      if (states.length === 0) return 0;
      for (const { id, version, sealedSecrets, settings } of states) {
        const sealed: ObjectLiteral = { version, sealedSecrets, settings };
        await manager.update(table, { id }, sealed);
      }
      await announceAll(manager, states.map(document));
      return states.length;
    });
  }

  private stale(rows: readonly StoredRow[], unreadable: Set<string>) {
    return rows.flatMap((row): { readonly before: SubscriptionState; readonly after: SubscriptionState }[] => {
      const before = subscriptionMapping.state.parse(row);
      try {
        const after = sealSubscriptionAnew(this.parts.box, before);
        return after === before ? [] : [{ before, after }];
      } catch {
        unreadable.add(before.id);
        return [];
      }
    });
  }

  /** What is in the outbox is published by any config-api; only then may the former key go. */
  private async published(): Promise<void> {
    for (;;) {
      const [waiting] = counted.parse(
        await this.parts.dataSource.query('SELECT count(*)::int AS count FROM outbox WHERE due_at <= now()'),
      );
      if (!waiting || waiting.count === 0) return;
      this.parts.onWaiting(waiting.count);
      await delay(POLL_MS);
    }
  }
}
