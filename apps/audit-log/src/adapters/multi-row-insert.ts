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

/** One statement text for any number of rows: the values come as an array per column. */
export class MultiRowInsert<Row> {
  private readonly sql: string;

  constructor(private readonly shape: InsertShape<Row>) {
    const { table, columns, onConflict } = shape;
    const names = columns.map(({ name }) => name).join(', ');
    const values = columns.map(({ name, kind }) => `given.${name}${kind === 'jsonb' ? '::jsonb' : ''}`);
    const arrays = columns.map(({ kind }, index) => `$${index + 1}::${KINDS[kind].sql}[]`);
    this.sql = `INSERT INTO ${table} AS kept (${names})
      SELECT ${values.join(', ')} FROM unnest(${arrays.join(', ')}) AS given (${names})
      ${onConflict}`;
  }

  /** @throws UnfitValue where a column cannot hold a row's value */
  async run(manager: EntityManager, rows: readonly Row[]): Promise<void> {
    for (let start = 0; start < rows.length; start += ROWS_PER_STATEMENT) {
      const some = rows.slice(start, start + ROWS_PER_STATEMENT);
      await manager.query(
        this.sql,
        this.shape.columns.map((column) => arrayOf(column, some)),
      );
    }
  }
}

function arrayOf<Row>(column: Column<Row>, rows: readonly Row[]): Buffer {
  switch (column.kind) {
    case 'text':
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
