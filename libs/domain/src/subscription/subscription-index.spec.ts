import { describe, expect, it } from '@jest/globals';
import type { OrganizationId, SubscriptionId } from '../identity/ids.js';
import fc from 'fast-check';
import { compileTypePattern } from '../event/type-pattern.js';
import { SubscriptionIndex } from './subscription-index.js';
import type { Subscription } from './subscription.js';

function subscription(
  id: SubscriptionId,
  eventTypes: string[],
  { organization = 'org_a', version = 1, active = true }: Partial<Subscription> = {},
): Subscription {
  return {
    id,
    version,
    organization,
    name: id,
    active,
    activatedAtMs: 0,
    paused: false,
    resumedAtMs: 0,
    settings: {
      eventTypes,
      endpoint: { url: 'http://x', method: 'POST', headers: {}, timeoutMs: 1, successStatuses: ['2xx'] },
      payload: { format: 'json' },
      signing: { scheme: 'none' },
      retry: { scheduleMs: [], jitter: 0, maxAgeMs: 1, nonRetryableStatuses: [] },
      rateLimit: { concurrency: 1 },
      onFailure: { deactivateOnGone: true },
    },
  };
}

function indexOf(...subscriptions: Subscription[]): SubscriptionIndex {
  const index = new SubscriptionIndex();
  for (const each of subscriptions) index.set(each);
  return index;
}

const idsFor = (index: SubscriptionIndex, type: string, organization: OrganizationId = 'org_a') =>
  index
    .match(organization, type)
    .map(({ id }) => id)
    .sort();

describe('SubscriptionIndex', () => {
  it('finds exact types and wildcards, each subscription once', () => {
    const index = indexOf(
      subscription('sub_exact', ['invoice.paid']),
      subscription('sub_both', ['invoice.paid', 'invoice.*', '**']),
      subscription('sub_other', ['order.*']),
    );
    expect(idsFor(index, 'invoice.paid')).toEqual(['sub_both', 'sub_exact']);
    expect(idsFor(index, 'order.made')).toEqual(['sub_both', 'sub_other']);
  });

  it('finds whom each pattern by itself would match, also after some were forgotten', () => {
    const segment = fc.constantFrom('a', 'b', 'hookstream', '*', '**');
    const pattern = fc.array(segment, { minLength: 1, maxLength: 4 }).map((segments) => segments.join('.'));
    const type = fc
      .array(fc.constantFrom('a', 'b', 'hookstream'), { minLength: 1, maxLength: 5 })
      .map((segments) => segments.join('.'));
    const lists = fc.array(fc.array(pattern, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(lists, type, fc.nat(7), (patterns, of, forgotten) => {
        const index = indexOf(...patterns.map((list, number) => subscription(`sub_${number}`, list)));
        index.delete(`sub_${forgotten}`);
        const expected = patterns.flatMap((list, number) =>
          number !== forgotten && list.some((each) => compileTypePattern(each)(of)) ? [`sub_${number}`] : [],
        );
        expect(idsFor(index, of)).toEqual(expected);
      }),
      { numRuns: 2_000 },
    );
  });

  it('keeps organizations apart', () => {
    const index = indexOf(subscription('sub_a', ['**']), subscription('sub_b', ['**'], { organization: 'org_b' }));
    expect(idsFor(index, 'x', 'org_b')).toEqual(['sub_b']);
    expect(idsFor(index, 'x', 'org_c')).toEqual([]);
  });

  it('forgets the types of a former version', () => {
    const index = indexOf(subscription('sub_a', ['old', 'old.*']), subscription('sub_a', ['new'], { version: 2 }));
    expect(idsFor(index, 'old')).toEqual([]);
    expect(idsFor(index, 'old.x')).toEqual([]);
    expect(idsFor(index, 'new')).toEqual(['sub_a']);
    expect(index.size).toBe(1);
  });

  it('moves a subscription between organizations', () => {
    const index = indexOf(subscription('sub_a', ['x']), subscription('sub_a', ['x'], { organization: 'org_b' }));
    expect(idsFor(index, 'x')).toEqual([]);
    expect(idsFor(index, 'x', 'org_b')).toEqual(['sub_a']);
  });

  it('finds inactive ones too: the log names who was skipped', () => {
    expect(idsFor(indexOf(subscription('sub_a', ['x'], { active: false })), 'x')).toEqual(['sub_a']);
  });

  it('forgets a deleted one', () => {
    const index = indexOf(subscription('sub_a', ['x', '*']));
    index.delete('sub_a');
    expect(idsFor(index, 'x')).toEqual([]);
    expect(index.size).toBe(0);
  });

  it('is not fooled by types named like object members', () => {
    expect(idsFor(indexOf(subscription('sub_a', ['constructor'])), '__proto__')).toEqual([]);
  });
});
