/** RFC 9110 §5.6.4: a quoted string, with its quoted pairs. */
const QUOTED = /^"((?:[^"\\]|\\.)*)"$/s;

/**
 * The value of a `ce-*` header as the UTF-8 bytes it stands for: taken out of its double quotes, then percent-decoded
 * once (CloudEvents HTTP protocol binding 1.0.2 §3.1.3.2). A `%` that begins no escape stays.
 *
 * @param value as Node gives it, one character per byte
 */
export function decodeHeaderValue(value: string): Buffer {
  const unquoted = QUOTED.exec(value)?.[1]?.replaceAll(/\\(.)/gs, '$1') ?? value;
  const decoded = unquoted.replaceAll(/%([0-9A-Fa-f]{2})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
  return Buffer.from(decoded, 'latin1');
}
