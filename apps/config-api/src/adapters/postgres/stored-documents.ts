import { type ConfigDocument } from '@hookstream/contracts';
import { inTransaction } from '@hookstream/database';
import { isId, type IdPrefix, type OrganizationId } from '@hookstream/domain';
import { type DataSource, type EntityManager, EntitySchema, In, MoreThan } from 'typeorm';
import { z } from 'zod';
import { type ResourceKind } from '../../core/audit/audit-trail.js';
import { type StoredRow } from './rows.js';

/** One kind of configuration, as it is published. */
export interface PublishedTable {
  /** `undefined`: ids of any kind. */
  readonly prefix: IdPrefix | undefined;
  readonly table: EntitySchema<StoredRow>;
  readonly document: (row: StoredRow) => ConfigDocument;
}

const PREFIXES: Readonly<Record<ResourceKind, IdPrefix>> = {
  organization: 'org',
  subscription: 'sub',
  'api-key': 'key',
  source: 'src',
  'event-type': 'typ',
};

export function publishedTable<State>(mapping: {
  readonly kind: ResourceKind;
  readonly table: EntitySchema<StoredRow>;
  readonly state: z.ZodType<State>;
  readonly document: (state: State) => ConfigDocument;
}): PublishedTable {
  return {
    prefix: PREFIXES[mapping.kind],
    table: mapping.table,
    document: (row) => mapping.document(mapping.state.parse(row)),
  };
}

export const deletedRows = new EntitySchema<StoredRow>({
  name: 'deleted_documents',
  tableName: 'deleted_documents',
  columns: {
    id: { type: 'text', primary: true },
    seq: { type: 'bigint', generated: 'increment' },
    version: { type: 'integer' },
    organization: { type: 'text', nullable: true },
    deletedAt: { type: 'timestamptz', name: 'deleted_at' },
  },
});

const deletedSchema = z.object({
  id: z.string(),
  version: z.number(),
  organization: z.custom<OrganizationId>((value) => typeof value === 'string' && isId('org', value)).nullable(),
  deletedAt: z.date(),
});

const identifiedSchema = z.array(z.object({ id: z.string(), seq: z.string() }));

const deletions: PublishedTable = {
  prefix: undefined,
  table: deletedRows,
  document: (row) => {
    const { deletedAt, ...deleted } = deletedSchema.parse(row);
    return { kind: 'deleted', ...deleted, deletedAtMs: deletedAt.getTime() };
  },
};

/** All configuration that is to be in the `config` topic, as the tables have it now. */
export class StoredDocuments {
  private readonly tables: readonly PublishedTable[];

  /**
   * @param tables all kinds there are
   * @param onUnreadable a row that this version cannot read stays as it is published; the others are not held up by it
   */
  constructor(
    tables: readonly PublishedTable[],
    private readonly onUnreadable: (id: string, error: unknown) => void,
  ) {
    this.tables = [...tables, deletions];
  }

  /** What is to be published of these ids; an id that is not in the answer is to be forgotten, `null` left alone. */
  async read(manager: EntityManager, ids: readonly string[]): Promise<ReadonlyMap<string, ConfigDocument | null>> {
    const found = new Map<string, ConfigDocument | null>();
    for (const { prefix, table, document } of this.tables) {
      const wanted = ids.filter((id) => !found.has(id) && (prefix === undefined || isId(prefix, id)));
      if (wanted.length === 0) continue;
      for (const row of await manager.find(table, { where: { id: In(wanted) } })) {
        found.set(row.id, this.readable(row, document));
      }
    }
    return found;
  }

  /** Makes a version higher than one that readers have, so that they take it; nothing where it is higher already. */
  async raise(manager: EntityManager, id: string, above: number): Promise<void> {
    for (const { prefix, table } of this.tables) {
      if (prefix !== undefined && !isId(prefix, id)) continue;
      const name = table.options.tableName;
      await manager.query(`UPDATE ${name} SET version = $2 + 1 WHERE id = $1 AND version <= $2`, [id, above]);
    }
  }

  /** The ids of everything, some at a time. */
  async *ids(dataSource: DataSource, pageRows: number): AsyncGenerator<readonly string[]> {
    for (const { table } of this.tables) {
      for (let after = '0'; ;) {
        const rows = identifiedSchema.parse(
          await dataSource.query(
            `SELECT id, seq FROM ${table.options.tableName} WHERE seq > $1 ORDER BY seq LIMIT ${pageRows}`,
            [after],
          ),
        );
        const last = rows.at(-1);
        if (last === undefined) break;
        yield rows.map(({ id }) => id);
        after = last.seq;
      }
    }
  }

  /** Everything, some at a time: what was made meanwhile comes too, what was changed meanwhile may be as it was. */
  async *pages(dataSource: DataSource, pageRows: number): AsyncGenerator<readonly ConfigDocument[]> {
    for (const { table, document } of this.tables) {
      for (let after = '0'; ;) {
        const rows = await inTransaction(dataSource, (manager) =>
          manager.find(table, { where: { seq: MoreThan(after) }, order: { seq: 'ASC' }, take: pageRows }),
        );
        if (rows.length > 0) yield rows.flatMap((row) => this.readable(row, document) ?? []);
        const last = rows.at(-1);
        if (last === undefined || rows.length < pageRows) break;
        after = last.seq;
      }
    }
  }
  private readable(row: StoredRow, document: PublishedTable['document']): ConfigDocument | null {
    try {
      return document(row);
    } catch (error) {
      this.onUnreadable(row.id, error);
      return null;
    }
  }
}
