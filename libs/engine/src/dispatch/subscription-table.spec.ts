import { describe, expect, it } from '@jest/globals';
import { aDocument } from '@hookstream/testing';
import { SubscriptionTable } from './subscription-table.js';

describe('SubscriptionTable', () => {
  it('opens the secrets of a version once, and those of the next one anew', () => {
    const opened: string[] = [];
    const table = new SubscriptionTable({
      open: (sealed, owner) => {
        opened.push(`${sealed} of ${owner.subscription}`);
        return Buffer.from(sealed);
      },
    });
    const keys = (atMs = 0) => {
      const entry = table.get('sub_1');
      return entry?.kind === 'subscription' ? entry.keys(atMs).map(String) : [];
    };
    table.onSubscription(aDocument({ sealedSecrets: ['a'] }));
    expect([keys(), keys()]).toEqual([['a'], ['a']]);
    table.onSubscription(aDocument({ version: 4, sealedSecrets: ['b', 'a'] }));
    expect(keys()).toEqual(['b', 'a']);
    expect(opened).toEqual(['a of sub_1', 'b of sub_1', 'a of sub_1']);
  });

  it('lets a secret sign until its end, by the clock alone, and does not open it after that', () => {
    const opened: string[] = [];
    const table = new SubscriptionTable({ open: (sealed) => (opened.push(sealed), Buffer.from(sealed)) });
    table.onSubscription(aDocument({ sealedSecrets: ['c', 'b', 'a'], secretsExpireAtMs: [null, 2_000, 1_000] }));
    const entry = table.get('sub_1');
    const keys = (atMs: number) => (entry?.kind === 'subscription' ? entry.keys(atMs).map(String).join('') : '');
    expect([keys(0), keys(999)]).toEqual(['cba', 'cba']);
    expect(opened).toEqual(['c', 'b', 'a']);
    expect([keys(1_000), keys(1_999), keys(2_000), keys(9_000)]).toEqual(['cb', 'cb', 'c', 'c']);
    expect(opened).toEqual(['c', 'b', 'a', 'c', 'b', 'c']);
  });

  it('knows a deleted subscription until it is forgotten, and no other deleted thing', () => {
    const table = new SubscriptionTable({ open: () => Buffer.alloc(0) });
    const deleted = { kind: 'deleted', version: 4, organization: 'org_default', deletedAtMs: 0 } as const;
    table.onSubscription(aDocument());
    table.onDeleted({ ...deleted, id: 'sub_1' });
    table.onDeleted({ ...deleted, id: 'key_1' });
    expect([table.get('sub_1'), table.get('key_1')]).toEqual([{ kind: 'deleted' }, undefined]);
    table.onForgotten('sub_1');
    expect(table.get('sub_1')).toBeUndefined();
  });
});
