/**
 * A value as a header holds it, by §3.1.3.2 of CloudEvents' HTTP binding: space, `"`, `%` and all that is not printable
 * ASCII is percent-encoded, byte by byte of its UTF-8.
 */
export function percentEncoded(value: string): string {
  return value.replace(/[^!#$&-~]+/g, (run) =>
    Array.from(Buffer.from(run), (byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''),
  );
}
