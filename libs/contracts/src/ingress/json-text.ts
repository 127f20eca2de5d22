import { isUtf8 } from 'node:buffer';
import {
  CLOSE_ARRAY,
  CLOSE_OBJECT,
  OPEN_ARRAY,
  OPEN_OBJECT,
  QUOTE,
  skipSeparators,
  skipString,
  skipValue,
} from './json-scan.js';

const ARRAY_INDEX = /^(?:0|[1-9]\d{0,9})$/;

/**
 * A JSON text whose parts are taken out as the bytes they were written as: numbers keep their digits, members their
 * order and white space. Of members with one name the last counts, as for `JSON.parse`.
 */
export class JsonText {
  private rootMembers: ReadonlyMap<string, Buffer> | undefined;

  private constructor(private readonly bytes: Buffer) {}

  /** `undefined` where the bytes are not one JSON text in UTF-8. */
  static of(bytes: Buffer): JsonText | undefined {
    if (!isUtf8(bytes)) return undefined;
    try {
      JSON.parse(bytes.toString('utf8'));
    } catch {
      return undefined;
    }
    return new JsonText(trimmed(bytes));
  }

  /** The members of an object; none where the text is no object. */
  members(): ReadonlyMap<string, Buffer> {
    this.rootMembers ??= new Map(membersOf(this.bytes));
    return this.rootMembers;
  }

  get isObject(): boolean {
    return this.bytes[0] === OPEN_OBJECT;
  }

  /** What a JSON pointer (RFC 6901) refers to; `undefined` where there is nothing, or the pointer is none. */
  at(pointer: string): Buffer | undefined {
    if (pointer === '') return this.bytes;
    if (!pointer.startsWith('/')) return undefined;
    const [first = '', ...rest] = pointer.slice(1).split('/').map(unescapeToken);
    let found = this.isObject ? this.members().get(first) : elementAt(this.bytes, first);
    for (const token of rest) found = found && childOf(found, token);
    return found;
  }
}

/** A JSON scalar as text, numbers with all their digits; `null` for JSON's null, `undefined` for arrays and objects. */
export function scalarText(raw: Buffer): string | null | undefined {
  const text = raw.toString('utf8');
  switch (raw[0]) {
    case OPEN_OBJECT:
    case OPEN_ARRAY:
      return undefined;
    case QUOTE:
      return unquote(text);
    default:
      return text === 'null' ? null : text;
  }
}

export function isJsonString(raw: Buffer): boolean {
  return raw[0] === QUOTE;
}

function childOf(value: Buffer, token: string): Buffer | undefined {
  if (value[0] !== OPEN_OBJECT) return elementAt(value, token);
  let found: Buffer | undefined;
  for (const [name, member] of membersOf(value)) if (name === token) found = member;
  return found;
}

function* membersOf(object: Buffer): Generator<[string, Buffer]> {
  if (object[0] !== OPEN_OBJECT) return;
  let i = skipSeparators(object, 1);
  while (i < object.length && object[i] !== CLOSE_OBJECT) {
    const nameEnd = skipString(object, i);
    const start = skipSeparators(object, nameEnd);
    const end = skipValue(object, start);
    yield [unquote(object.toString('utf8', i, nameEnd)), object.subarray(start, end)];
    i = skipSeparators(object, end);
  }
}

function elementAt(array: Buffer, token: string): Buffer | undefined {
  if (array[0] !== OPEN_ARRAY || !ARRAY_INDEX.test(token)) return undefined;
  let i = skipSeparators(array, 1);
  for (let left = Number(token); i < array.length && array[i] !== CLOSE_ARRAY; left -= 1) {
    const end = skipValue(array, i);
    if (left === 0) return array.subarray(i, end);
    i = skipSeparators(array, end);
  }
  return undefined;
}

function unquote(quoted: string): string {
  return quoted.includes('\\') ? String(JSON.parse(quoted)) : quoted.slice(1, -1);
}

function unescapeToken(token: string): string {
  return token.replaceAll('~1', '/').replaceAll('~0', '~');
}

function trimmed(bytes: Buffer): Buffer {
  const start = skipSeparators(bytes, 0);
  return bytes.subarray(start, skipValue(bytes, start));
}
