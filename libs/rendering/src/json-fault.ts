import { isUtf8 } from 'node:buffer';
import { faultAt, scanLiteral, scanNumber, scanString, skipWhitespace } from './json-tokens.js';

/** Deepest nesting of arrays and objects that is passed on: receivers' parsers have bounds, some not far above. */
export const MAX_JSON_DEPTH = 512;

/** Where and why bytes are not JSON. */
export interface JsonFault {
  /** Index of the offending byte; the length of the data where it ends too soon. */
  readonly position: number;
  readonly detail: string;
}

const TRUE = Buffer.from('true');
const FALSE = Buffer.from('false');
const NULL = Buffer.from('null');

const OBJECT = 0x7b;
const ARRAY = 0x5b;
const COMMA = 0x2c;
const COLON = 0x3a;
const QUOTE = 0x22;

// The kinds of the open arrays and objects. The check is synchronous, so one stack serves all calls.
const open = new Uint8Array(MAX_JSON_DEPTH);

/**
 * Checks that bytes are exactly one JSON text by RFC 8259, without building its value.
 *
 * Accepts what `JSON.parse` accepts, save nesting beyond {@link MAX_JSON_DEPTH}; refuses a byte order mark and anything
 * that is not UTF-8, because the bytes are passed on as they are. Linear in the length, allocates nothing.
 *
 * @returns undefined where the bytes are well-formed
 */
export function findJsonFault(bytes: Buffer): JsonFault | undefined {
  if (!isUtf8(bytes)) return { position: firstByteNotUtf8(bytes), detail: 'the data is not valid UTF-8' };

  let depth = 0;
  let i = skipWhitespace(bytes, 0);
  for (;;) {
    // A value starts at `i`. An opening bracket leads to its first member, all else to what follows a value.
    const byte = bytes[i];
    if (byte === OBJECT || byte === ARRAY) {
      if (depth === MAX_JSON_DEPTH) return tooDeep(i);
      open[depth] = byte;
      depth += 1;
      i = skipWhitespace(bytes, i + 1);
      if (!isClosing(bytes[i], byte)) {
        if (byte === OBJECT) {
          i = scanKey(bytes, i);
          if (i < 0) return notJson(bytes, i);
        }
        continue;
      }
      depth -= 1;
      i += 1;
    } else {
      i = scanScalar(bytes, i);
      if (i < 0) return notJson(bytes, i);
    }

    // A value ended before `i`: close what ends here, then go on to the next member.
    for (;;) {
      i = skipWhitespace(bytes, i);
      if (depth === 0) return i === bytes.length ? undefined : notJson(bytes, faultAt(i));
      const kind = open[depth - 1];
      const next = bytes[i];
      if (next === COMMA) {
        i = skipWhitespace(bytes, i + 1);
        if (kind === OBJECT) {
          i = scanKey(bytes, i);
          if (i < 0) return notJson(bytes, i);
        }
        break;
      }
      if (!isClosing(next, kind)) return notJson(bytes, faultAt(i));
      depth -= 1;
      i += 1;
    }
  }
}

/** `}` closes `{` and `]` closes `[`: in ASCII each is two after its opening. */
const isClosing = (byte: number | undefined, kind: number | undefined): boolean =>
  kind !== undefined && byte === kind + 2;

/** Scans `"key" :` and the whitespace after it. */
function scanKey(bytes: Uint8Array, start: number): number {
  if (bytes[start] !== QUOTE) return faultAt(start);
  const end = scanString(bytes, start);
  if (end < 0) return end;
  const colon = skipWhitespace(bytes, end);
  return bytes[colon] === COLON ? skipWhitespace(bytes, colon + 1) : faultAt(colon);
}

function scanScalar(bytes: Uint8Array, start: number): number {
  switch (bytes[start]) {
    case QUOTE:
      return scanString(bytes, start);
    case 0x74:
      return scanLiteral(bytes, start, TRUE);
    case 0x66:
      return scanLiteral(bytes, start, FALSE);
    case 0x6e:
      return scanLiteral(bytes, start, NULL);
    default:
      return scanNumber(bytes, start);
  }
}

const tooDeep = (position: number): JsonFault => ({
  position,
  detail: `the JSON is nested deeper than ${MAX_JSON_DEPTH} levels`,
});

/** @param fault as the token scanners return it */
function notJson(bytes: Buffer, fault: number): JsonFault {
  const position = faultAt(fault);
  return { position, detail: position < bytes.length ? 'the data is not JSON' : 'the JSON ends too soon' };
}

/** The first byte of the first sequence that is not UTF-8. Only on the way to a refusal, so it may be slow. */
function firstByteNotUtf8(bytes: Buffer): number {
  let i = 0;
  while (i < bytes.length) {
    const lead = bytes.readUInt8(i);
    const length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (!isUtf8(bytes.subarray(i, i + length))) return i;
    i += length;
  }
  return i;
}
