import type { ReadPath } from './cel/expression-tree.js';
import type { FilteredEvent } from './filtered-event.js';

/** The first part of a subscription's filters that kept an event away. */
export interface FailedClause {
  /** RFC 6901, from the subscription. */
  readonly pointer: string;
  /** What was asked for, in the words of the filter. */
  readonly clause: string;
  /** What was looked at, by name; left out where the event has no such thing. */
  readonly values: Readonly<Record<string, unknown>>;
  /** Why it could not be told, where that is so. */
  readonly error?: string;
}

/** Longer values are cut: an answer tells of many subscriptions. */
const MAX_VALUE_LENGTH = 256;

export function pointerOf(path: readonly (string | number)[]): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

export function attributeValues(event: FilteredEvent, name: string): Readonly<Record<string, unknown>> {
  const value = event.attribute(name);
  return value === undefined ? {} : { [name]: cut(value) };
}

/** What an expression reads, as the event has it. */
export function readValues(event: FilteredEvent, reads: readonly ReadPath[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    reads.flatMap(({ root, path }): [string, unknown][] => {
      const value = event.read(root, path);
      return value === undefined ? [] : [[[root, ...path].join('.'), cut(value)]];
    }),
  );
}

function cut(value: unknown): unknown {
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return value;
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  if (text.length <= MAX_VALUE_LENGTH) return value;
  return `${text.slice(0, MAX_VALUE_LENGTH)}… (${text.length} characters)`;
}
