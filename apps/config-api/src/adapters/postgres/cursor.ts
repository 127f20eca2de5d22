const SEQUENCE = /^\d{1,18}$/;

/** A page's end as an opaque text. */
export function encodeCursor(seq: string): string {
  return Buffer.from(seq).toString('base64url');
}

/** A text that is no cursor of ours leads before the first row: its page is empty. */
export function decodeCursor(cursor: string): string {
  const seq = Buffer.from(cursor, 'base64url').toString('latin1');
  return SEQUENCE.test(seq) ? seq : '0';
}
