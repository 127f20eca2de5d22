import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { compileTypePattern, eventTypeProblem, typePatternProblem } from './type-pattern.js';

describe('compileTypePattern', () => {
  it.each([
    ['invoice.submitted', 'invoice.submitted', true],
    ['invoice.submitted', 'Invoice.submitted', false],
    ['invoice.*', 'invoice.submitted', true],
    ['invoice.*', 'invoice', false],
    ['invoice.*', 'invoice.line.added', false],
    ['invoice.**', 'invoice.line.added', true],
    ['invoice.**', 'invoice', true],
    ['**', 'anything.at.all', true],
    ['**.added', 'invoice.line.added', true],
    ['**.added', 'added', true],
    ['*.line.*', 'invoice.line.added', true],
    ['a.**.b.**.c', 'a.x.b.y.b.z.c', true],
    ['a.**.b', 'a.b.c', false],
    ['**', 'hookstream.subscription.failing', false],
    ['hookstream.**', 'hookstream.subscription.failing', true],
    ['*.ping', 'hookstream.ping', false],
  ])('%s on %s: %s', (pattern, type, matches) => {
    expect(compileTypePattern(pattern)(type)).toBe(matches);
  });

  it('agrees with the definition by recursion', () => {
    const segment = fc.constantFrom('a', 'b', '*', '**');
    const patterns = fc.array(segment, { minLength: 1, maxLength: 6 });
    const types = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(patterns, types, (pattern, type) => {
        expect(compileTypePattern(pattern.join('.'))(type.join('.'))).toBe(byDefinition(pattern, type));
      }),
      { numRuns: 2_000 },
    );
  });

  it('takes no longer for a hostile pattern than for a plain one', () => {
    const hostile = compileTypePattern(`${'**.a.'.repeat(20)}b`);
    expect(hostile(`${'a.'.repeat(120)}c`)).toBe(false);
  });
});

describe('problems', () => {
  it.each(['invoice.submitted', 'Invoice.SUBMITTED', 'com.example/thing:v1', 'a_b-c'])('takes the type %s', (type) => {
    expect(eventTypeProblem(type)).toBeUndefined();
  });

  it.each(['', 'a..b', '.a', 'a.', 'a b', 'a.*', 'x'.repeat(257)])('refuses the type "%s"', (type) => {
    expect(eventTypeProblem(type)).toBeDefined();
  });

  it.each(['*', '**', 'a.*.b', 'a.**', '*.*'])('takes the pattern %s', (pattern) => {
    expect(typePatternProblem(pattern)).toBeUndefined();
  });

  it.each(['', 'a*', 'a.***', '*a.b', 'a..*'])('refuses the pattern "%s"', (pattern) => {
    expect(typePatternProblem(pattern)).toContain('whole segment');
  });
});

function byDefinition([head, ...rest]: string[], type: string[]): boolean {
  if (head === undefined) return type.length === 0;
  if (head === '**') return type.some((_, index) => byDefinition(rest, type.slice(index))) || byDefinition(rest, []);
  return type.length > 0 && (head === '*' || head === type[0]) && byDefinition(rest, type.slice(1));
}
