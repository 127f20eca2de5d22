import { Problem, type ProblemError } from './problem.js';
import { jsonPointer } from './zod-problem.js';

/** Deepest nesting of a body that is taken. */
const MAX_DEPTH = 100;

/** An object or array that is open at a place of the text. */
interface Open {
  /** Names seen in an object; `undefined` in an array. */
  readonly names: Set<string> | undefined;
  /** Of the member under way. */
  at: string | number;
  awaitsName: boolean;
}

interface Fault {
  readonly error: ProblemError;
  /** The text is not read any further. */
  readonly tooDeep: boolean;
}

const BACKSLASH = 0x5c;
const LONE_SURROGATE = /\p{Cs}/u;

/**
 * Reads the body of a request that configures something: JSON by RFC 8259 that means the same to everyone. Refuses what
 * `JSON.parse` passes over in silence or passes on to others: a name given twice in one object, `__proto__`, NUL and half
 * surrogate pairs, which no database stores, nesting beyond 100 levels, and bytes that are not UTF-8. Not for the data of
 * events, which are their producer's. Linear in the length.
 *
 * @throws Problem that names the place
 */
export function parseStrictJson(bytes: Buffer): unknown {
  if (bytes.length === 0) throw new Problem('malformed-json', { detail: 'The body is empty' });
  const text = textOf(bytes);
  const fault = findFault(text);
  if (fault?.tooDeep) throw problemOf(fault);
  const value = parsed(text);
  if (fault) throw problemOf(fault);
  return value;
}

function textOf(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw new Problem('malformed-json', { detail: 'The body is not in UTF-8.', cause: error });
  }
}

function parsed(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch (error) {
    throw new Problem('malformed-json', { ...(error instanceof Error && { detail: error.message }), cause: error });
  }
}

function problemOf({ error }: Fault): Problem {
  return new Problem('invalid-request', { detail: `${error.pointer}: ${error.message}`, errors: [error] });
}

/** The first fault, of text that may not be JSON: then what is found means nothing, and nothing goes wrong. */
function findFault(text: string): Fault | undefined {
  const open: Open[] = [];
  for (let i = 0; i < text.length; i += 1) {
    const current = open.at(-1);
    switch (text.charAt(i)) {
      case '{':
      case '[': {
        const isObject = text.charAt(i) === '{';
        if (open.length === MAX_DEPTH) {
          return { tooDeep: true, error: errorAt(open, `is nested deeper than ${MAX_DEPTH} levels`) };
        }
        open.push({ names: isObject ? new Set() : undefined, at: isObject ? '' : 0, awaitsName: isObject });
        break;
      }
      case '}':
      case ']':
        open.pop();
        break;
      case ',':
        if (!current) break;
        if (typeof current.at === 'number') current.at += 1;
        else current.awaitsName = true;
        break;
      case '"': {
        const end = endOfString(text, i);
        const message = stringFault(valueOf(text.slice(i, end)), current);
        if (message !== undefined) return { tooDeep: false, error: errorAt(open, message) };
        i = end - 1;
        break;
      }
    }
  }
  return undefined;
}

/** What is wrong with a string; where it is a name, its object knows it from now on. */
function stringFault(string: string, current: Open | undefined): string | undefined {
  const isName = current?.awaitsName === true;
  if (isName) {
    current.at = string;
    current.awaitsName = false;
    if (current.names?.has(string)) return 'is given twice; leave one of them out';
    current.names?.add(string);
    if (string === '__proto__') return 'is no name that is taken; choose another one';
  }
  if (!string.includes('\0') && !LONE_SURROGATE.test(string)) return undefined;
  return `${isName ? 'has a name that holds' : 'holds'} NUL or half of a surrogate pair, which cannot be stored`;
}

/** @returns the index after the closing quote, or the end of the text */
function endOfString(text: string, start: number): number {
  let from = start + 1;
  for (;;) {
    const quote = text.indexOf('"', from);
    if (quote < 0) return text.length;
    let before = quote - 1;
    while (text.charCodeAt(before) === BACKSLASH) before -= 1;
    if ((quote - before) % 2 === 1) return quote + 1;
    from = quote + 1;
  }
}

function valueOf(literal: string): string {
  if (!literal.includes('\\')) return literal.slice(1, -1);
  try {
    return String(JSON.parse(literal));
  } catch {
    return '';
  }
}

function errorAt(open: readonly Open[], message: string): ProblemError {
  return { pointer: jsonPointer(open.map(({ at }) => at)), message };
}
