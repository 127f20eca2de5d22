import { setImmediate } from 'node:timers/promises';
import { type ConfigDocument, type DeletedDocument } from '@hookstream/contracts';
import { inTransaction, tellingTransientErrors, violatedConstraint } from '@hookstream/database';
import { type OrganizationId } from '@hookstream/domain';
import {
  type DataSource,
  type EntityManager,
  type EntitySchema,
  In,
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
import { type Change } from '../../core/apply/changes.js';
import { type ResourceKind } from '../../core/audit/audit-trail.js';
import { type Actor } from '../../core/caller.js';
import { announce, announceAll, announceDeletion } from './announce.js';
import { type AuditedChange, keepAudit } from './audit-log.js';
import { decodeCursor, encodeCursor } from '../../core/cursor.js';
import { exceededQuota, type QuotaName } from './quotas.js';
import { type StoredRow } from './rows.js';

/** How one kind of configuration lies in its table. */
export interface TableMapping<State> {
  readonly kind: ResourceKind;
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
  /** What else is written in the transaction that writes some of them. */
  readonly alongside?: (
    manager: EntityManager,
    written: readonly { readonly before?: State | undefined; readonly after: State }[],
  ) => Promise<void>;
}

interface ConfigStoreParts<State> {
  readonly dataSource: DataSource;
  readonly mapping: TableMapping<State>;
  /** A thing as the audit trail keeps it: secrets as fingerprints. */
  readonly audited: (state: State) => unknown;
  /** Which quota of its organization counts it. */
  readonly quota?: QuotaName;
  readonly now: () => Date;
}

const ROWS_AT_ONCE = 500;

interface Versioned {
  readonly id: string;
  readonly version: number;
}

export class PostgresConfigStore<State extends Versioned> implements ConfigStore<State> {
  private readonly mapping: TableMapping<State>;

  constructor(private readonly parts: ConfigStoreParts<State>) {
    this.mapping = parts.mapping;
  }

  insert(by: Actor, state: State): Promise<Outcome<State>> {
    return this.write(async (manager) => {
      const exceeded = await this.exceededQuota(manager, this.mapping.ownerOf(state));
      if (exceeded) return rejected(exceeded);
      await manager.insert(this.mapping.table, columnsOf(state));
      await announce(manager, state);
      await this.mapping.alongside?.(manager, [{ after: state }]);
      await this.audit(manager, by, 'create', undefined, state);
      return accepted(state);
    });
  }

  async find(id: string, scope: Scope): Promise<State | undefined> {
    const query = this.rows(this.parts.dataSource.manager, scope).andWhere('row.id = :id', { id });
    const row = await tellingTransientErrors(() => query.getOne());
    return row ? this.mapping.state.parse(row) : undefined;
  }

  async list({ scope, limit, cursor }: ListQuery): Promise<Page<State>> {
    const query = this.rows(this.parts.dataSource.manager, scope)
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
    by: Actor,
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
      await announce(manager, next.value);
      await this.mapping.alongside?.(manager, [{ before: locked.value, after: next.value }]);
      await this.audit(manager, by, 'update', locked.value, next.value);
      return next;
    });
  }

  remove(by: Actor, id: string, scope: Scope, expected: ExpectedVersions): Promise<Outcome<void>> {
    return this.write(async (manager) => {
      const locked = await this.lock(manager, id, scope, expected);
      if (!locked.ok) return locked;
      await manager.delete(this.mapping.table, { id });
      await announceDeletion(manager, this.deletionOf(locked.value));
      await this.audit(manager, by, 'delete', locked.value, undefined);
      return accepted(undefined);
    });
  }

  /** All of an organization, oldest first; `lock`: nobody else changes them before the transaction ends. */
  async all(manager: EntityManager, organization: OrganizationId, mode: 'read' | 'lock'): Promise<State[]> {
    const query = this.rows(manager, null)
      .andWhere('row.organization = :organization', { organization })
      .orderBy('row.seq', 'ASC');
    if (mode === 'lock') query.setLock('pessimistic_write');
    const states: State[] = [];
    for (const [index, row] of (await query.getMany()).entries()) {
      if (index % ROWS_AT_ONCE === ROWS_AT_ONCE - 1) await setImmediate();
      states.push(this.mapping.state.parse(row));
    }
    return states;
  }

  /** Why an organization may not have so many more. */
  async exceeding(manager: EntityManager, owner: OrganizationId, adding: number): Promise<Rejection | undefined> {
    const { quota } = this.parts;
    if (quota === undefined || adding <= 0) return undefined;
    return exceededQuota(manager, { quota, table: this.mapping.table, organization: owner, adding });
  }

  /** Many changes within a transaction that holds what they change: few statements, whatever their number. */
  async writeAll(manager: EntityManager, by: Actor, changes: readonly Change<State>[]): Promise<void> {
    for (let from = 0; from < changes.length; from += ROWS_AT_ONCE) {
      const some = changes.slice(from, from + ROWS_AT_ONCE);
      const of = (action: Change<State>['action']) => some.filter((change) => change.action === action);
      const made = of('create').flatMap(({ after }) => after ?? []);
      const changed = of('update').flatMap(({ after }) => after ?? []);
      const gone = of('delete').flatMap(({ before }) => before ?? []);
      const { table } = this.mapping;
      if (gone.length > 0) await manager.delete(table, { id: In(gone.map(({ id }) => id)) });
      if (made.length > 0) await manager.insert(table, made.map(columnsOf));
      if (changed.length > 0) await manager.upsert(table, changed.map(columnsOf), ['id']);
      await announceAll(manager, [...made, ...changed]);
      const written = some.flatMap(({ before, after }) => (after ? [{ before, after }] : []));
      await this.mapping.alongside?.(manager, written);
      for (const state of gone) await announceDeletion(manager, this.deletionOf(state));
      await keepAudit(
        manager,
        by,
        this.parts.now(),
        some.map(({ action, before, after }) => this.auditedChange(action, before, after)),
      );
    }
  }

  private deletionOf(state: State): DeletedDocument {
    return {
      kind: 'deleted',
      id: state.id,
      version: state.version + 1,
      organization: this.mapping.ownerOf(state),
      deletedAtMs: this.parts.now().getTime(),
    };
  }

  private async exceededQuota(manager: EntityManager, owner: OrganizationId | null): Promise<Rejection | undefined> {
    const { quota } = this.parts;
    if (quota === undefined || owner === null) return undefined;
    return exceededQuota(manager, { quota, table: this.mapping.table, organization: owner, adding: 1 });
  }

  private async audit(
    manager: EntityManager,
    by: Actor,
    action: AuditedChange['action'],
    before: State | undefined,
    after: State | undefined,
  ): Promise<void> {
    await keepAudit(manager, by, this.parts.now(), [this.auditedChange(action, before, after)]);
  }

  private auditedChange(
    action: AuditedChange['action'],
    before: State | undefined,
    after: State | undefined,
  ): AuditedChange {
    const { audited, mapping } = this.parts;
    const state = after ?? before;
    if (state === undefined) throw new Error('a change of nothing');
    const view = (one: State | undefined) => (one === undefined ? null : audited(one));
    const what = { action, kind: mapping.kind, resource: state.id, version: state.version };
    return { ...what, organization: mapping.ownerOf(state), before: view(before), after: view(after) };
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
      return await inTransaction(this.parts.dataSource, work);
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
