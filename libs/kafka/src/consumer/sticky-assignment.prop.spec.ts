import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { assignSticky, type Claim, type Unit } from './sticky-assignment.js';

const member = fc.integer({ min: 0, max: 9 }).map((n) => `m${n}`);
const members = fc.uniqueArray(member, { minLength: 1, maxLength: 8 });
const keys = fc.integer({ min: 0, max: 40 }).map((n) => Array.from({ length: n }, (_, i) => `p${i}`));
const claims: fc.Arbitrary<readonly Claim[]> = fc.array(
  fc.record({ member, assignedAtMs: fc.nat(3), keys: fc.array(fc.integer({ min: 0, max: 45 }).map((n) => `p${n}`)) }),
  { maxLength: 8 },
);
const unitsFor = (all: readonly string[], eligible: readonly string[]): Unit[] => all.map((key) => ({ key, eligible }));
const flatten = (assigned: ReadonlyMap<string, readonly string[]>) => [...assigned.values()].flat();
const claimsOf = (assigned: ReadonlyMap<string, readonly string[]>): Claim[] =>
  [...assigned].map(([name, own]) => ({ member: name, assignedAtMs: 1, keys: own }));

describe('the sticky assignment', () => {
  it('gives every unit to exactly one eligible member and balances within one, whatever is claimed', () => {
    fc.assert(
      fc.property(members, keys, claims, (group, all, claimed) => {
        const assigned = assignSticky(unitsFor(all, group), claimed);
        expect(flatten(assigned).sort()).toEqual([...all].sort());
        const counts = group.map((name) => assigned.get(name)?.length ?? 0);
        expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
        for (const name of assigned.keys()) expect(group).toContain(name);
      }),
    );
  });

  it('changes nothing when nothing has changed', () => {
    fc.assert(
      fc.property(members, keys, claims, (group, all, claimed) => {
        const once = assignSticky(unitsFor(all, group), claimed);
        const again = assignSticky(unitsFor(all, group), claimsOf(once));
        for (const name of group)
          expect([...(again.get(name) ?? [])].sort()).toEqual([...(once.get(name) ?? [])].sort());
      }),
    );
  });

  it('moves to a newcomer only what balance needs', () => {
    fc.assert(
      fc.property(members, keys, (group, all) => {
        const before = assignSticky(unitsFor(all, group), []);
        const after = assignSticky(unitsFor(all, [...group, 'newcomer']), claimsOf(before));
        const moved = group.flatMap((name) =>
          (before.get(name) ?? []).filter((key) => !after.get(name)?.includes(key)),
        );
        expect([...(after.get('newcomer') ?? [])].sort()).toEqual(moved.sort());
      }),
    );
  });

  it('takes nothing from those who stay when a member leaves', () => {
    fc.assert(
      fc.property(members, keys, (group, all) => {
        const before = assignSticky(unitsFor(all, [...group, 'leaver']), []);
        const after = assignSticky(unitsFor(all, group), claimsOf(before));
        for (const name of group)
          expect(after.get(name) ?? []).toEqual(expect.arrayContaining([...(before.get(name) ?? [])]));
      }),
    );
  });

  it('believes the later of two claims', () => {
    const claimed = [
      { member: 'a', assignedAtMs: 2, keys: ['p0'] },
      { member: 'b', assignedAtMs: 1, keys: ['p0', 'p1'] },
    ];
    const assigned = assignSticky(unitsFor(['p0', 'p1'], ['a', 'b']), claimed);
    expect(assigned).toEqual(
      new Map([
        ['a', ['p0']],
        ['b', ['p1']],
      ]),
    );
  });

  it('gives a unit only to those who may have it, and none to nobody', () => {
    const units = [
      { key: 'x', eligible: ['a'] },
      { key: 'y', eligible: [] },
    ];
    expect(assignSticky(units, [{ member: 'b', assignedAtMs: 1, keys: ['x', 'y'] }])).toEqual(new Map([['a', ['x']]]));
  });
});
