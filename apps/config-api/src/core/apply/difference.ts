import { isDeepStrictEqual } from 'node:util';

/** One place where two JSON values differ: an RFC 6901 pointer; `undefined` where there is nothing. */
interface Difference {
  readonly pointer: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

const MAX_DIFFERENCES = 50;

/** Where two JSON values differ, the deepest places of objects; lists are compared whole. */
export function differences(before: unknown, after: unknown): Difference[] {
  return [...differing(before, after, '')].slice(0, MAX_DIFFERENCES);
}

function* differing(before: unknown, after: unknown, pointer: string): Generator<Difference> {
  if (isDeepStrictEqual(before, after)) return;
  if (!isObject(before) || !isObject(after)) {
    yield { pointer, ...(before !== undefined && { before }), ...(after !== undefined && { after }) };
    return;
  }
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    yield* differing(before[name], after[name], `${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`);
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
