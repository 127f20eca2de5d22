import type { EntityManager } from 'typeorm';

/** How a column's values travel: as an array of a type, and what is made of each element. */
const KINDS = {
  text: { array: 'text[]', value: (element: string) => element },
  integer: { array: 'integer[]', value: (element: string) => element },
  bigint: { array: 'bigint[]', value: (element: string) => element },
  boolean: { array: 'boolean[]', value: (element: string) => element },
  date: { array: 'date[]', value: (element: string) => element },
  jsonb: { array: 'text[]', value: (element: string) => `${element}::jsonb` },
  /** From milliseconds since the epoch. */
  time: { array: 'bigint[]', value: (element: string) => `to_timestamp(${element}::float8 / 1000)` },
} as const;

type ArrayValue = string | number | boolean | null;

interface Column<Row> {
  readonly name: string;
  readonly kind: keyof typeof KINDS;
  readonly of: (row: Row) => ArrayValue;
}

/** Bytes of all rows travel as one binary parameter that the statement cuts up: as an array they would go as hex text. */
interface BytesColumn<Row> {
  readonly name: string;
  readonly of: (row: Row) => Buffer | null;
}

export interface InsertShape<Row> {
  readonly table: string;
  readonly columns: readonly Column<Row>[];
  readonly bytes?: BytesColumn<Row>;
  /** `ON CONFLICT …`; the table goes by the name `kept` in it. */
  readonly onConflict: string;
}

/** Rows of one statement: enough that its fixed costs vanish, few enough that making it holds nothing up. */
const ROWS_PER_STATEMENT = 1_000;

/** One statement text for any number of rows: the values come as an array per column. */
export class MultiRowInsert<Row> {
  private readonly sql: string;

  constructor(private readonly shape: InsertShape<Row>) {
    const { table, columns, bytes, onConflict } = shape;
    const arrays = columns.map(({ kind }, index) => `$${index + 1}::${KINDS[kind].array}`);
    const values = columns.map(({ name, kind }) => KINDS[kind].value(`given.${name}`));
    const elements = columns.map(({ name }) => name);
    if (bytes) {
      const first = columns.length + 1;
      arrays.push(`$${first}::integer[]`, `$${first + 1}::integer[]`);
      elements.push('bytes_from', 'bytes_count');
      values.push(`substring($${first + 2}::bytea from given.bytes_from for given.bytes_count)`);
    }
    const names = [...columns.map(({ name }) => name), ...(bytes ? [bytes.name] : [])];
    this.sql = `INSERT INTO ${table} AS kept (${names.join(', ')})
      SELECT ${values.join(', ')} FROM unnest(${arrays.join(', ')}) AS given (${elements.join(', ')})
      ${onConflict}`;
  }

  async run(manager: EntityManager, rows: readonly Row[]): Promise<void> {
    for (let start = 0; start < rows.length; start += ROWS_PER_STATEMENT) {
      await manager.query(this.sql, this.parameters(rows.slice(start, start + ROWS_PER_STATEMENT)));
    }
  }

  private parameters(rows: readonly Row[]): unknown[] {
    const arrays: unknown[] = this.shape.columns.map(({ of }) => rows.map(of));
    return this.shape.bytes ? [...arrays, ...cutBytes(rows.map(this.shape.bytes.of))] : arrays;
  }
}

/** Where each value begins (from 1, as SQL counts), how long it is, and all of them in a row. */
function cutBytes(values: readonly (Buffer | null)[]): [number[], (number | null)[], Buffer] {
  let position = 1;
  const starts = values.map((value) => {
    const start = position;
    position += value?.length ?? 0;
    return start;
  });
  const counts = values.map((value) => value?.length ?? null);
  return [starts, counts, Buffer.concat(values.filter((value) => value !== null))];
}
