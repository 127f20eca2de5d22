import { describe, expect, it } from '@jest/globals';
import { differences } from './difference.js';

describe('differences', () => {
  it('names the deepest places that differ, and lists whole', () => {
    const before = { a: { b: 1, 'c/d': [1, 2] }, e: 'x', gone: true };
    const after = { a: { b: 2, 'c/d': [1, 3] }, e: 'x', made: null };
    expect(differences(before, after)).toEqual([
      { pointer: '/a/b', before: 1, after: 2 },
      { pointer: '/a/c~1d', before: [1, 2], after: [1, 3] },
      { pointer: '/gone', before: true },
      { pointer: '/made', after: null },
    ]);
    expect(differences(before, { ...before, a: { ...before.a } })).toEqual([]);
  });
});
