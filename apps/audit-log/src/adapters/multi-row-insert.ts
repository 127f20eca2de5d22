import type { EntityManager } from 'typeorm';
import { BIGINT, BOOLEAN, BYTES, DATE, encodeArray, INTEGER, TEXT, TIME, type ElementType } from './binary-array.js';

/** How a column's values travel. */
const KINDS = {
  text: TEXT,
  integer: INTEGER,
  bigint: BIGINT,
  boolean: BOOLEAN,
  date: DATE,
  bytes: BYTES,
  /** As text, and kept as it is: for what is only given back. */
  json: TEXT,
  /** As text. */
  jsonb: TEXT,
  /** From milliseconds since the epoch. */
  time: TIME,
} as const;

type Kinds = typeof KINDS;
type ValueOf<K extends keyof Kinds> = Kinds[K] extends ElementType<infer Value> ? Value : never;

type Column<Row> = {
  [K in keyof Kinds]: { readonly name: string; readonly kind: K; readonly of: (row: Row) => ValueOf<K> | null };
}[keyof Kinds];

export interface InsertShape<Row> {
  readonly table: string;
  readonly columns: readonly Column<Row>[];
  /** `ON CONFLICT …`; the table goes by the name `kept` in it. */
  readonly onConflict: string;
}

/** Rows of one statement: enough that its fixed costs vanish, few enough that making it holds nothing up. */
const ROWS_PER_STATEMENT = 1_000;

/**
 * One statement text for any number of rows: the values come as an array per column, unnested side by side in the list of
 * what is selected. Unnested in `FROM`, each row would be copied to a tuple store first.
 */
export class MultiRowInsert<Row> {
  private readonly plain: string;

  constructor(private readonly shape: InsertShape<Row>) {
    const { table, columns } = shape;
    const names = columns.map(({ name }) => name).join(', ');
    const values = columns.map(({ kind }, index) => `unnest($${index + 1}::${KINDS[kind].sql}[])${castTo(kind)}`);
    this.plain = `INSERT INTO ${table} AS kept (${names}) SELECT ${values.join(', ')}`;
  }

  /** @throws UnfitValue where a column cannot hold a row's value */
  merge(manager: EntityManager, rows: readonly Row[]): Promise<void> {
    return this.run(manager, rows, `${this.plain} ${this.shape.onConflict}`);
  }

  /** Rows that are in the table already fail the transaction; not to look for them first saves a quarter of the work. */
  add(manager: EntityManager, rows: readonly Row[]): Promise<void> {
    return this.run(manager, rows, this.plain);
  }

  private async run(manager: EntityManager, rows: readonly Row[], sql: string): Promise<void> {
    for (let start = 0; start < rows.length; start += ROWS_PER_STATEMENT) {
      const some = rows.slice(start, start + ROWS_PER_STATEMENT);
      await manager.query(
        sql,
        this.shape.columns.map((column) => arrayOf(column, some)),
      );
    }
  }
}

function castTo(kind: keyof Kinds): string {
  return kind === 'json' || kind === 'jsonb' ? `::${kind}` : '';
}

function arrayOf<Row>(column: Column<Row>, rows: readonly Row[]): Buffer {
  switch (column.kind) {
    case 'text':
    case 'json':
    case 'jsonb':
      return encodeArray(TEXT, rows.map(column.of));
    case 'date':
      return encodeArray(DATE, rows.map(column.of));
    case 'integer':
      return encodeArray(INTEGER, rows.map(column.of));
    case 'bigint':
      return encodeArray(BIGINT, rows.map(column.of));
    case 'time':
      return encodeArray(TIME, rows.map(column.of));
    case 'boolean':
      return encodeArray(BOOLEAN, rows.map(column.of));
    case 'bytes':
      return encodeArray(BYTES, rows.map(column.of));
  }
}
