const SEQUENCE = /^\d{1,18}$/;

/** A page's end as an opaque text. */
export function encodeCursor(seq: string): string {
  return Buffer.from(seq).toString('base64url');
}

/** Whether a text may be one of ours. */
export function isCursor(text: string): boolean {
  const seq = decodeCursor(text);
  return SEQUENCE.test(seq) && encodeCursor(seq) === text;
}

/** @param cursor one of ours */
export function decodeCursor(cursor: string): string {
  return Buffer.from(cursor, 'base64url').toString('latin1');
}
