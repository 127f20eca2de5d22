import type { z } from 'zod';

type Row = Readonly<Record<string, unknown>>;

/** The rows of a raw query's answer. */
export function rowsOf(answer: unknown): Row[] {
  if (!Array.isArray(answer)) throw new TypeError('the statement answers no rows');
  return answer.filter(isRow);
}

export function textOf(row: Row, column: string): string {
  const value = row[column];
  if (typeof value !== 'string') throw new TypeError(`column "${column}" is no text`);
  return value;
}

/** The rows of a raw query's answer, each as its schema reads it. */
export function parseRows<S extends z.ZodType>(schema: S, answer: unknown): z.output<S>[] {
  return rowsOf(answer).map((row) => schema.parse(row));
}

function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null;
}
