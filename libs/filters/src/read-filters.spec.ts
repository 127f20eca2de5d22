import { describe, expect, it } from '@jest/globals';
import { MAX_EXPRESSION_LENGTH, MAX_FILTERS, readFilters } from './index.js';

function problemsOf(written: unknown) {
  const read = readFilters(written);
  return read.ok ? [] : read.problems.map(({ path, message }) => `/${path.join('/')}: ${message}`);
}

describe('readFilters', () => {
  it('gives back what was written', () => {
    const written = [
      { all: [{ exact: { type: 'a' } }, { not: { prefix: { subject: 'x' } } }] },
      { any: [{ suffix: { source: 'y' } }, { cel: 'data.total > 3' }] },
    ];
    expect(readFilters(written)).toEqual({ ok: true, filters: written });
  });

  it.each<[unknown, string]>([
    ['exact', '/: must be a list of filters'],
    [[1], '/0: must be an object'],
    [[{}], '/0: must have one member, one of exact, prefix, suffix, all, any, not, cel'],
    [[{ exact: { a: 'x' }, any: [] }], '/0: must have one member, one of exact, prefix, suffix, all, any, not, cel'],
    [[{ sql: 'x' }], '/0: must have one member, one of exact, prefix, suffix, all, any, not, cel'],
    [[{ exact: {} }], '/0/exact: must name at least one attribute'],
    [[{ exact: { Type: 'x' } }], '/0/exact/Type: is no attribute: names are 1 to 64 lower-case letters and digits'],
    [[{ exact: { type: 1 } }], '/0/exact/type: must be a text that is not empty'],
    [[{ all: [] }], '/0/all: must be a list of at least one filter'],
    [[{ not: [] }], '/0/not: must be an object'],
    [[{ all: [{ not: { cel: 5 } }] }], '/0/all/0/not/cel: must be a text, an expression'],
  ])('refuses %j', (written, problem) => {
    expect(problemsOf(written)).toEqual([problem]);
  });

  it.each([
    ['data.amount >', 'line 1, column 13: found > but expecting end of input'],
    ['data.a == 1 &&\n  amount > 3', 'line 2, column 3: there is no "amount": write event or data'],
    ['event.type == "x" && foo(data.a)', 'line 1, column 22: there is no function "foo"'],
    ['data.a.startWith("x")', 'line 1, column 7: there is no method "startWith"'],
    ['data.a.startsWith("x", "y")', 'line 1, column 7: "startsWith" does not take 2 arguments'],
    ['data.l.exists(x, y > 1)', 'line 1, column 18: there is no "y": write event or data'],
    ['data.a.matches("(")', 'is no RE2 pattern'],
    ['1 + 1', 'must be true or false'],
    ['"yes"', 'must be true or false'],
    ['size(data)', 'must be true or false'],
    ['', 'line 1, column 1'],
    ['data.a == data.b'.padEnd(MAX_EXPRESSION_LENGTH + 1), `must be at most ${MAX_EXPRESSION_LENGTH} characters`],
    [`data.a in ${'['.repeat(60)}${']'.repeat(60)}`, 'nested more than 50 levels deep'],
    [`${'('.repeat(1_000)}true${')'.repeat(1_000)}`, 'line 1, column 1'],
    [`data.a in [${Array(600).fill('1').join(',')}]`, 'has more than 500 parts'],
    ['data.l.all(a, data.l.all(b, data.l.all(c, data.l.all(d, true))))', 'more than 3 loops within each other'],
  ])('says where %s is wrong', (cel, problem) => {
    const [told = '', ...more] = problemsOf([{ cel }]);
    expect(more).toEqual([]);
    expect(told).toMatch(/^\/0\/cel: line \d+, column \d+: /);
    expect(told).toContain(problem);
  });

  it('tells all that is wrong', () => {
    expect(problemsOf([{ exact: { type: 1 } }, { cel: '1' }, { none: 1 }])).toHaveLength(3);
  });

  it('bounds number, depth and expressions', () => {
    const many = Array.from({ length: MAX_FILTERS + 50 }, () => ({ exact: { type: 'x' } }));
    expect(problemsOf(many)).toEqual([`/${MAX_FILTERS}: there are more than ${MAX_FILTERS} filters`]);
    let deep: unknown = { exact: { type: 'x' } };
    for (let level = 0; level < 5_000; level += 1) deep = { not: deep };
    expect(problemsOf([deep])).toEqual([expect.stringContaining('nested more than 8 levels deep')]);
    expect(problemsOf(Array(6).fill({ cel: 'true' }))).toEqual(['/5/cel: there are more than 5 expressions']);
  });

  it('is not fooled by names of object members', () => {
    expect(problemsOf(JSON.parse('[{"__proto__": {"exact": {"type": "x"}}}]'))).toHaveLength(1);
  });
});
