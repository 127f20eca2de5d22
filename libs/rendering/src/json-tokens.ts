// Scanners of RFC 8259 tokens over bytes that are known to be UTF-8. Each takes the index of the token's first byte and
// returns the index after its last one, or `-1 - index` of the byte that breaks the grammar: one number, so that the
// check of a payload allocates nothing.

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const LOWER_U = 0x75;
const FIRST_PRINTABLE = 0x20;

/** `" \ / b f n r t`, what may follow a backslash besides `u`. */
const simpleEscapes = flags('"\\/bfnrt');
const hexDigits = flags('0123456789abcdefABCDEF');

function flags(characters: string): Uint8Array {
  const table = new Uint8Array(256);
  for (const character of characters) table[character.charCodeAt(0)] = 1;
  return table;
}

/** Its own inverse: `faultAt(faultAt(index)) === index`. */
export const faultAt = (index: number): number => -1 - index;

export function skipWhitespace(bytes: Uint8Array, start: number): number {
  let i = start;
  for (;;) {
    const byte = bytes[i];
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return i;
    i += 1;
  }
}

/** @param start index of the opening quote */
export function scanString(bytes: Uint8Array, start: number): number {
  let i = start + 1;
  for (;;) {
    const byte = bytes[i];
    if (byte === undefined || byte < FIRST_PRINTABLE) return faultAt(i);
    i += 1;
    if (byte === QUOTE) return i;
    if (byte !== BACKSLASH) continue;

    const escape = bytes[i];
    if (escape === undefined) return faultAt(i);
    if (escape === LOWER_U) {
      for (let digit = i + 1; digit <= i + 4; digit += 1) {
        if (hexDigits[bytes[digit] ?? 0] !== 1) return faultAt(digit);
      }
      i += 5;
    } else {
      if (simpleEscapes[escape] !== 1) return faultAt(i);
      i += 1;
    }
  }
}

/** @param start index of the minus sign or the first digit */
export function scanNumber(bytes: Uint8Array, start: number): number {
  let i = start;
  if (bytes[i] === 0x2d) i += 1;

  if (bytes[i] === 0x30) {
    i += 1;
  } else {
    i = scanDigits(bytes, i);
    if (i < 0) return i;
  }

  if (bytes[i] === 0x2e) {
    i = scanDigits(bytes, i + 1);
    if (i < 0) return i;
  }

  if (bytes[i] === 0x65 || bytes[i] === 0x45) {
    i += 1;
    if (bytes[i] === 0x2b || bytes[i] === 0x2d) i += 1;
    i = scanDigits(bytes, i);
  }
  return i;
}

function scanDigits(bytes: Uint8Array, start: number): number {
  let i = start;
  for (;;) {
    const byte = bytes[i];
    if (byte === undefined || byte < 0x30 || byte > 0x39) return i === start ? faultAt(i) : i;
    i += 1;
  }
}

/** @param literal `true`, `false` or `null` in ASCII */
export function scanLiteral(bytes: Uint8Array, start: number, literal: Uint8Array): number {
  for (let k = 0; k < literal.length; k += 1) {
    if (bytes[start + k] !== literal[k]) return faultAt(start + k);
  }
  return start + literal.length;
}
