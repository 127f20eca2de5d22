/** The last entry of a page: the next page begins after it. Entries are listed newest first, by time and then by id. */
export interface Cursor {
  readonly atMs: number;
  readonly id: string;
}

const POSITION = /^(\d{1,15})\.([a-z]{3}_[0-9a-z]{1,64})$/;
const MAX_LENGTH = 200;
/** The last moment that both JavaScript and PostgreSQL write with four digits of a year. */
const LAST_MS = Date.parse('9999-12-31T23:59:59.999Z');

/** Opaque to callers: what is in it may change with any version. */
export function encodeCursor({ atMs, id }: Cursor): string {
  return Buffer.from(`${atMs}.${id}`).toString('base64url');
}

/** `undefined` for a text that `encodeCursor` never made. */
export function decodeCursor(text: string): Cursor | undefined {
  if (text.length > MAX_LENGTH) return undefined;
  const [, atMs, id] = POSITION.exec(Buffer.from(text, 'base64url').toString('latin1')) ?? [];
  if (atMs === undefined || id === undefined) return undefined;
  const cursor = { atMs: Number(atMs), id };
  if (cursor.atMs > LAST_MS) return undefined;
  return encodeCursor(cursor) === text ? cursor : undefined;
}
