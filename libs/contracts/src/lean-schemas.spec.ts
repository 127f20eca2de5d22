import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { leftOut, texts } from './lean-schemas.js';

describe('a member that may be left out', () => {
  const schema = z.object({ number: leftOut(z.number()) });

  it('is read by its schema where it is there', () => {
    expect(schema.parse({ number: 1 })).toEqual({ number: 1 });
    expect(schema.safeParse({ number: 'one' }).success).toBe(false);
    expect(schema.safeParse({ number: null }).success).toBe(false);
  });

  it('is not made up where it is not', () => {
    expect(Object.keys(schema.parse({}))).toEqual([]);
  });
});

describe('texts by their names', () => {
  it('are the object as it came, whatever its names', () => {
    const given: unknown = JSON.parse('{"a":"1","__proto__":"2"}');
    expect(texts.parse(given)).toBe(given);
  });

  it.each([[null], [['a']], ['a'], [1], [{ a: 1 }], [{ a: null }]])('%j is none', (value) => {
    expect(texts.safeParse(value).success).toBe(false);
  });
});
