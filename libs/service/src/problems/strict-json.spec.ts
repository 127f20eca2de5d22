import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Problem, type ProblemBody } from './problem.js';
import { parseStrictJson } from './strict-json.js';

function refusalOf(text: string | Buffer): ProblemBody {
  try {
    parseStrictJson(Buffer.from(text));
  } catch (error) {
    if (error instanceof Problem) return error.toBody();
  }
  throw new Error('it was accepted');
}

describe('parseStrictJson', () => {
  it('reads whatever JSON.parse reads, where names are told apart', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5, noUnicodeString: false }), fc.constantFrom(0, 2), (value, space) => {
        fc.pre(!JSON.stringify(value).includes('__proto__'));
        const text = JSON.stringify(value, undefined, space);
        fc.pre(!/\\u0000|\\ud[89a-f]/i.test(text));
        expect(parseStrictJson(Buffer.from(text))).toEqual(JSON.parse(text));
      }),
    );
  });

  it.each([
    ['{"a":1,"a":2}', '/a', 'twice'],
    ['{"a":1,"\\u0061":2}', '/a', 'twice'],
    ['[{"b":{"x/y":[],"x/y":0}}]', '/0/b/x~1y', 'twice'],
    ['[0,{"a":"\\"}","c":{"d":1},"c":1}]', '/1/c', 'twice'],
    ['{"m":{"__proto__":{}}}', '/m/__proto__', 'no name'],
    ['{"m":["","\\u0000"]}', '/m/1', 'NUL'],
    ['{"m":"\\ud800"}', '/m', 'surrogate'],
    ['{"n":{"\\udc00":1}}', '/n/\udc00', 'name'],
    [`${'['.repeat(101)}${']'.repeat(101)}`, '/0'.repeat(100), 'deeper'],
  ])('refuses %j at %s', (text, pointer, message) => {
    const { status, errors } = refusalOf(text);
    expect({ status, errors }).toEqual({
      status: 400,
      errors: [{ pointer, message: expect.stringContaining(message) }],
    });
  });

  it.each([
    ['', 'empty'],
    ['{"a":1,"a"', 'JSON'],
    ['{"a":1,}', 'JSON'],
    ['"\\', 'JSON'],
    ['\uFEFF{}', 'JSON'],
    [Buffer.from([0x22, 0xff, 0x22]), 'UTF-8'],
    ['{}{}', 'JSON'],
  ])('refuses %j as no JSON at all', (text, detail) => {
    expect(refusalOf(text)).toMatchObject({
      type: '/problems/malformed-json',
      detail: expect.stringContaining(detail),
    });
  });

  it('lets same names stand in different objects', () => {
    expect(parseStrictJson(Buffer.from('{"a":{"a":1},"b":[{"a":1},{"a":2}]}'))).toEqual({
      a: { a: 1 },
      b: [{ a: 1 }, { a: 2 }],
    });
  });

  it('reads megabytes of brackets, quotes and backslashes in no time and no memory', () => {
    for (const piece of ['[', '{"a":', '\\"', '"\\', '"a",']) {
      const startedAt = performance.now();
      expect(() => parseStrictJson(Buffer.from(piece.repeat(1_000_000)))).toThrow(Problem);
      expect(performance.now() - startedAt).toBeLessThan(2_000);
    }
  });
});
