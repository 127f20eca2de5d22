import { scanNumber, scanString, skipWhitespace } from './json-tokens.js';

/** A JSON value with what `JSON.parse` drops: the digits of numbers, the order and the repeats of members. */
export type JsonNode =
  | { readonly kind: 'object'; readonly members: readonly (readonly [name: string, value: JsonNode])[] }
  | { readonly kind: 'array'; readonly items: readonly JsonNode[] }
  | { readonly kind: 'string'; readonly text: string }
  /** A number as it was written, `true` or `false`. */
  | { readonly kind: 'plain'; readonly text: string }
  | { readonly kind: 'null' };

const QUOTE = 0x22;
const OBJECT = 0x7b;
const ARRAY = 0x5b;
const COMMA = 0x2c;
const COLON_LENGTH = 1;
/** By their first byte. */
const LITERALS = new Map<number | undefined, string>([
  [0x74, 'true'],
  [0x66, 'false'],
  [0x6e, 'null'],
]);

/** @param bytes one JSON text that was found well-formed by `findJsonFault`, which bounds its depth too */
export function readJsonNode(bytes: Buffer): JsonNode {
  let at = skipWhitespace(bytes, 0);

  function text(): string {
    const end = scanString(bytes, at);
    const parsed: unknown = JSON.parse(bytes.toString('utf8', at, end));
    at = skipWhitespace(bytes, end);
    return String(parsed);
  }

  /** Calls `read` for each member up to the closing bracket, and passes that. */
  function eachMember(read: () => void): void {
    at = skipWhitespace(bytes, at + 1);
    while (bytes[at] !== OBJECT + 2 && bytes[at] !== ARRAY + 2) {
      read();
      if (bytes[at] === COMMA) at = skipWhitespace(bytes, at + 1);
    }
    at = skipWhitespace(bytes, at + 1);
  }

  function value(): JsonNode {
    switch (bytes[at]) {
      case OBJECT: {
        const members: (readonly [string, JsonNode])[] = [];
        eachMember(() => {
          const name = text();
          at = skipWhitespace(bytes, at + COLON_LENGTH);
          members.push([name, value()]);
        });
        return { kind: 'object', members };
      }
      case ARRAY: {
        const items: JsonNode[] = [];
        eachMember(() => items.push(value()));
        return { kind: 'array', items };
      }
      case QUOTE:
        return { kind: 'string', text: text() };
      default:
        return literal();
    }
  }

  function literal(): JsonNode {
    const start = at;
    const word = LITERALS.get(bytes[at]);
    const end = word === undefined ? scanNumber(bytes, start) : start + word.length;
    at = skipWhitespace(bytes, end);
    return word === 'null' ? { kind: 'null' } : { kind: 'plain', text: bytes.toString('latin1', start, end) };
  }

  return value();
}
