import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { JsonText } from './json-text.js';

const spacing = fc.constantFrom('', ' ', '\n', '\t ', '\r\n');

/** JSON with white space where it may stand, and names in escaped spellings. */
const spaced = (value: unknown, space: string): string => {
  if (Array.isArray(value))
    return `[${space}${value.map((item) => spaced(item, space)).join(`${space},${space}`)}${space}]`;
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).map(
      ([name, item]) => `${escaped(name)}${space}:${space}${spaced(item, space)}`,
    );
    return `{${space}${members.join(`${space},${space}`)}${space}}`;
  }
  return JSON.stringify(value);
};

const escaped = (name: string): string =>
  `"${[...name].map((c) => (c.length === 1 ? `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}` : c)).join('')}"`;

const pointerToken = (name: string) => name.replaceAll('~', '~0').replaceAll('/', '~1');

function* places(value: unknown, pointer = ''): Generator<[string, unknown]> {
  yield [pointer, value];
  if (typeof value !== 'object' || value === null) return;
  for (const [name, item] of Object.entries(value)) yield* places(item, `${pointer}/${pointerToken(name)}`);
}

describe('JsonText', () => {
  it('finds at every pointer what JSON.parse finds there', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), spacing, (original, space) => {
        const text = `${space}${spaced(original, space)}${space}`;
        const json = JsonText.of(Buffer.from(text));
        const value: unknown = JSON.parse(text);
        for (const [pointer, expected] of places(value)) {
          const raw = json?.at(pointer)?.toString();
          expect(raw).toBeDefined();
          expect(text).toContain(raw);
          expect(JSON.parse(raw ?? '')).toEqual(expected);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('takes the last of members with one name, as JSON.parse does', () => {
    const members = fc.array(
      fc.tuple(fc.constantFrom('a', 'b', '\\u0061', '__proto__'), fc.jsonValue({ maxDepth: 2 })),
    );
    fc.assert(
      fc.property(members, (list) => {
        const text = `{${list.map(([name, value]) => `"${name}":${JSON.stringify(value)}`).join(',')}}`;
        const parsed = JSON.parse(text) as Record<string, unknown>;
        const json = JsonText.of(Buffer.from(text));
        for (const name of ['a', 'b']) {
          const raw = json?.at(`/${name}`)?.toString();
          expect(raw === undefined ? undefined : JSON.parse(raw)).toEqual(parsed[name]);
        }
      }),
    );
  });

  it('accepts exactly what JSON.parse accepts', () => {
    const almostJson = fc.stringMatching(/^[{}[\]",:0-9a-z \\.-]{0,12}$/);
    fc.assert(
      fc.property(almostJson, (text) => {
        let wellFormed = true;
        try {
          JSON.parse(text);
        } catch {
          wellFormed = false;
        }
        expect(JsonText.of(Buffer.from(text)) !== undefined).toBe(wellFormed);
      }),
      { numRuns: 1_000 },
    );
  });
});
