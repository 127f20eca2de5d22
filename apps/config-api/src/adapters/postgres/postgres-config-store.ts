import { type ConfigDocument } from '@hookstream/contracts';
import { inTransaction, tellingTransientErrors, violatedConstraint } from '@hookstream/database';
import { type OrganizationId } from '@hookstream/domain';
import {
  type DataSource,
  type EntityManager,
  type EntitySchema,
  type ObjectLiteral,
  type SelectQueryBuilder,
} from 'typeorm';
import { type z } from 'zod';
import {
  type ConfigStore,
  type ExpectedVersions,
  type ListQuery,
  type Page,
  type Scope,
} from '../../core/config-store.js';
import { accepted, type Outcome, rejected, type Rejection } from '../../core/outcome.js';
import { announce, announceDeletion } from './announce.js';
import { decodeCursor, encodeCursor } from './cursor.js';
import { type StoredRow } from './rows.js';

/** How one kind of configuration lies in its table. */
export interface TableMapping<State> {
  readonly table: EntitySchema<StoredRow>;
  /** Reads a row back. */
  readonly state: z.ZodType<State>;
  readonly document: (state: State) => ConfigDocument;
  /** The column that tells whose a row is; `null`: nobody's in particular. */
  readonly owner: 'organization' | 'id' | null;
  /** Rows of nobody are seen by every organization. */
  readonly sharesUnowned?: true;
  readonly ownerOf: (state: State) => OrganizationId | null;
  /** What a constraint's refusal means to the caller, by the constraint's name. */
  readonly violations: Readonly<Record<string, Rejection>>;
}

interface Versioned {
  readonly id: string;
  readonly version: number;
}

export class PostgresConfigStore<State extends Versioned> implements ConfigStore<State> {
  constructor(
    private readonly dataSource: DataSource,
    private readonly mapping: TableMapping<State>,
    private readonly now: () => Date,
  ) {}

  insert(state: State): Promise<Outcome<State>> {
    return this.write(async (manager) => {
      await manager.insert(this.mapping.table, columnsOf(state));
      await announce(manager, this.mapping.document(state));
      return accepted(state);
    });
  }

  async find(id: string, scope: Scope): Promise<State | undefined> {
    const query = this.rows(this.dataSource.manager, scope).andWhere('row.id = :id', { id });
    const row = await tellingTransientErrors(() => query.getOne());
    return row ? this.mapping.state.parse(row) : undefined;
  }

  async list({ scope, limit, cursor }: ListQuery): Promise<Page<State>> {
    const query = this.rows(this.dataSource.manager, scope)
      .orderBy('row.seq', 'DESC')
      .take(limit + 1);
    if (cursor !== undefined) query.andWhere('row.seq < :before', { before: decodeCursor(cursor) });
    const rows = await tellingTransientErrors(() => query.getMany());
    const items = rows.slice(0, limit);
    const last = rows.length > limit ? items.at(-1) : undefined;
    return {
      items: items.map((row) => this.mapping.state.parse(row)),
      nextCursor: last ? encodeCursor(last.seq) : null,
    };
  }

  change(
    id: string,
    scope: Scope,
    expected: ExpectedVersions,
    change: (state: State) => Outcome<State>,
  ): Promise<Outcome<State>> {
    return this.write(async (manager) => {
      const locked = await this.lock(manager, id, scope, expected);
      if (!locked.ok) return locked;
      const next = change(locked.value);
      if (!next.ok || next.value === locked.value) return next;
      await manager.update(this.mapping.table, { id }, columnsOf(next.value));
      await announce(manager, this.mapping.document(next.value));
      return next;
    });
  }

  remove(id: string, scope: Scope, expected: ExpectedVersions): Promise<Outcome<void>> {
    return this.write(async (manager) => {
      const locked = await this.lock(manager, id, scope, expected);
      if (!locked.ok) return locked;
      await manager.delete(this.mapping.table, { id });
      await announceDeletion(manager, {
        kind: 'deleted',
        id,
        version: locked.value.version + 1,
        organization: this.mapping.ownerOf(locked.value),
        deletedAtMs: this.now().getTime(),
      });
      return accepted(undefined);
    });
  }

  /** The present state, which nobody else changes before this transaction ends. */
  private async lock(
    manager: EntityManager,
    id: string,
    scope: Scope,
    expected: ExpectedVersions,
  ): Promise<Outcome<State>> {
    const row = await this.rows(manager, scope).andWhere('row.id = :id', { id }).setLock('pessimistic_write').getOne();
    if (!row) return rejected({ kind: 'not-found' });
    const state = this.mapping.state.parse(row);
    return expected === undefined || expected.includes(state.version)
      ? accepted(state)
      : rejected({ kind: 'version-mismatch', currentVersion: state.version });
  }

  private rows(manager: EntityManager, scope: Scope): SelectQueryBuilder<StoredRow> {
    const query = manager.createQueryBuilder(this.mapping.table, 'row').where('TRUE');
    const { owner, sharesUnowned } = this.mapping;
    if (scope === null || owner === null) return query;
    const isShared = sharesUnowned ? ` OR row.${owner} IS NULL` : '';
    return query.andWhere(`(row.${owner} = :scope${isShared})`, { scope });
  }

  private async write<T>(work: (manager: EntityManager) => Promise<Outcome<T>>): Promise<Outcome<T>> {
    try {
      return await inTransaction(this.dataSource, work);
    } catch (error) {
      const violated = violatedConstraint(error);
      const rejection = violated && this.mapping.violations[violated.name];
      if (rejection) return rejected(rejection);
      throw error;
    }
  }
}

/** A copy, for TypeORM writes generated values into what it is given. */
function columnsOf(state: object): ObjectLiteral {
  return { ...state };
}
