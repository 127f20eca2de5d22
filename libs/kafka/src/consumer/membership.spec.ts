import { describe, expect, it } from '@jest/globals';
import { Membership } from './membership.js';

const p = (...partitions: number[]) => partitions.map((partition) => ({ topic: 't', partition }));
const numbers = (some: readonly { partition: number }[]) => some.map(({ partition }) => partition);

describe('the membership in a group', () => {
  it('tells what was gained, lost and kept', () => {
    const membership = new Membership();
    expect(numbers(membership.join('m', p(0, 1)).gained)).toEqual([0, 1]);
    const kept = membership.find({ topic: 't', partition: 1 });
    const change = membership.join('m', p(1, 2));
    expect([numbers(change.lost), numbers(change.kept), numbers(change.gained)]).toEqual([[0], [1], [2]]);
    expect(membership.find({ topic: 't', partition: 1 })).toBe(kept);
  });

  it('keeps nothing when the group had dropped the member', () => {
    const membership = new Membership();
    membership.join('m', p(0));
    const former = membership.intakes()[0];
    const change = membership.join('another', p(0));
    expect([numbers(change.lost), numbers(change.kept), numbers(change.gained)]).toEqual([[0], [], [0]]);
    expect(former !== undefined && membership.holds(former)).toBe(false);
  });

  it('loses all by leaving', () => {
    const membership = new Membership();
    membership.join('m', p(0, 1));
    expect(numbers(membership.leave())).toEqual([0, 1]);
    expect(membership.intakes()).toEqual([]);
  });
});
