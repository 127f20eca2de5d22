// Scanners over the bytes of well-formed JSON: each takes the index of a token and returns the index after it. What is
// malformed must have been refused before; here it would only be read wrongly, never past the end.

export const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
export const OPEN_OBJECT = 0x7b;
export const CLOSE_OBJECT = 0x7d;
export const OPEN_ARRAY = 0x5b;
export const CLOSE_ARRAY = 0x5d;

/** The next index that is no whitespace; commas and colons are stepped over too, for their places are known. */
export function skipSeparators(bytes: Buffer, start: number): number {
  let i = start;
  for (; i < bytes.length; i += 1) {
    const byte = bytes[i];
    const separates =
      byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09 || byte === COMMA || byte === 0x3a;
    if (!separates) break;
  }
  return i;
}

/** @param start index of the opening quote */
export function skipString(bytes: Buffer, start: number): number {
  let i = start + 1;
  while (i < bytes.length && bytes[i] !== QUOTE) i += bytes[i] === BACKSLASH ? 2 : 1;
  return i + 1;
}

/** @param start index of the value's first byte. Takes constant memory, however deep the value is. */
export function skipValue(bytes: Buffer, start: number): number {
  const first = bytes[start];
  if (first === QUOTE) return skipString(bytes, start);
  if (first !== OPEN_OBJECT && first !== OPEN_ARRAY) return skipScalar(bytes, start);
  let depth = 0;
  let i = start;
  while (i < bytes.length) {
    const byte = bytes[i];
    if (byte === QUOTE) {
      i = skipString(bytes, i);
      continue;
    }
    if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) depth += 1;
    else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) depth -= 1;
    i += 1;
    if (depth === 0) break;
  }
  return i;
}

/** A number, `true`, `false` or `null` ends where anything stands that cannot be part of it. */
function skipScalar(bytes: Buffer, start: number): number {
  let i = start;
  for (; i < bytes.length; i += 1) {
    const byte = bytes[i] ?? 0;
    if (byte <= 0x20 || byte === COMMA || byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) break;
  }
  return i;
}
