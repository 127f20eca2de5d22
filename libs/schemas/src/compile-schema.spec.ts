import { describe, expect, it } from '@jest/globals';
import { compileSchema, schemaProblem } from './compile-schema.js';

const json = (value: unknown) => Buffer.from(JSON.stringify(value));
const check = (schema: unknown, value: unknown) => compileSchema(schema)(json(value));

/** A reference to itself twice, so many levels down: 2^levels ways through it. */
function doubling(levels: number): unknown {
  const definitions = Object.fromEntries(
    Array.from({ length: levels }, (_, level) => {
      const next = { $ref: `#/$defs/d${level + 1}` };
      return [`d${level}`, { anyOf: [next, next] }];
    }),
  );
  return { $ref: '#/$defs/d0', $defs: { ...definitions, [`d${levels}`]: { type: 'string' } } };
}

describe('compileSchema', () => {
  it('tells every place that is not as the schema says, and no value of the data', () => {
    const schema = {
      type: 'object',
      required: ['id'],
      properties: { amount: { type: 'number' }, items: { type: 'array', items: { type: 'string' } } },
      additionalProperties: false,
    };
    expect(check(schema, { id: 1, amount: 2, items: ['a'] })).toEqual([
      { pointer: '', message: 'must NOT have additional properties: "id"' },
    ]);
    const found = check(schema, { amount: 'secret-value', items: ['a', 7] });
    expect(found).toEqual([
      { pointer: '', message: "must have required property 'id'" },
      { pointer: '/amount', message: 'must be number' },
      { pointer: '/items/1', message: 'must be string' },
    ]);
  });

  it('knows the dialects 2020-12 and draft-07', () => {
    const tuple = { type: 'array', prefixItems: [{ type: 'string' }], items: false };
    expect(check(tuple, ['a', 'b'])).not.toEqual([]);
    const old = { $schema: 'http://json-schema.org/draft-07/schema#', type: 'array', items: [{ type: 'string' }] };
    expect(check(old, ['a', 1])).toEqual([]);
    expect(check(old, [1])).toMatchObject([{ pointer: '/0' }]);
  });

  it('says so when data is not JSON, is empty, or is nested deeper than can be walked', () => {
    const takesAll = compileSchema({ uniqueItems: true });
    expect(takesAll(Buffer.from('{"a":'))).toEqual([{ pointer: '', message: 'is not JSON: it cannot be parsed' }]);
    expect(takesAll(Buffer.alloc(0))).toEqual([{ pointer: '', message: 'is not JSON: there is no data' }]);
    const deep = Buffer.from('['.repeat(100_000) + ']'.repeat(100_000));
    expect(takesAll(deep)).toEqual([{ pointer: '', message: 'is nested too deeply to be checked' }]);
  });

  it('is not held up by patterns that would keep a backtracking engine busy for ever', () => {
    const startedAt = performance.now();
    const evil = { type: 'string', pattern: '^(a+)+$' };
    expect(check(evil, `${'a'.repeat(40)}!`)).toMatchObject([{ message: expect.stringContaining('pattern') }]);
    expect(performance.now() - startedAt).toBeLessThan(1_000);
  });

  it('compares the items of a long list in linear time', () => {
    const startedAt = performance.now();
    const items = Array.from({ length: 100_000 }, (_, index) => ({ index }));
    expect(check({ uniqueItems: true }, items)).toEqual([]);
    expect(check({ uniqueItems: true }, [...items, { index: 0 }])).toHaveLength(1);
    expect(performance.now() - startedAt).toBeLessThan(3_000);
  });

  it('refuses data so large that checking it against so large a schema would hold up everything else', () => {
    const schema = { enum: Array.from({ length: 1_000 }, (_, index) => index) };
    expect(compileSchema(schema)(Buffer.alloc(1_000_000, '1'))).toMatchObject([
      { message: expect.stringContaining('too large') },
    ]);
  });

  it('does not take inherited members for members of the data', () => {
    expect(check({ type: 'object', required: ['toString'] }, {})).toHaveLength(1);
    expect(check({ properties: { constructor: { type: 'string' } } }, {})).toEqual([]);
  });
});

describe('schemaProblem', () => {
  it.each<[string, unknown, string]>([
    ['a list', [], ''],
    ['an unknown type', { type: 'strin' }, '/type'],
    ['an unknown keyword', { minLenght: 1 }, ''],
    ['a reference to elsewhere', { $ref: 'https://example.com/x.json' }, '/$ref'],
    ['a reference to nothing', { properties: { a: { $ref: '#/$defs/a' } } }, '/properties/a/$ref'],
    ['a circle', { $defs: { a: { items: { $ref: '#/$defs/a' } } }, $ref: '#/$defs/a' }, '/$defs/a/items/$ref'],
    ['an identity', { $id: 'https://example.com/x' }, '/$id'],
    ['another dialect', { $schema: 'http://json-schema.org/draft-04/schema#' }, '/$schema'],
    ['a back-reference in a pattern', { pattern: '(a)\\1' }, ''],
    ['a pattern without end', { pattern: 'a'.repeat(300) }, '/pattern'],
  ])('refuses %s and tells where', (_, schema, pointer) => {
    expect(schemaProblem(schema)).toMatchObject({ pointer, message: expect.any(String) });
  });

  it('refuses a small schema that unfolds to a huge one, and one nested too deep', () => {
    expect(schemaProblem(doubling(14))).toMatchObject({ message: expect.stringContaining('unfolded') });
    expect(schemaProblem(doubling(5))).toBeUndefined();
    const deep = Array.from({ length: 100 }).reduce<unknown>((inner) => ({ not: inner }), {});
    expect(schemaProblem(deep)).toMatchObject({ message: expect.stringContaining('deep') });
  });

  it('takes true, false, and annotations', () => {
    for (const schema of [true, false, { title: 'x', description: 'y', examples: [1], format: 'date-time' }]) {
      expect(schemaProblem(schema)).toBeUndefined();
    }
  });
});
