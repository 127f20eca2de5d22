import { describe, expect, it } from '@jest/globals';
import { SecretBox, type SubscriptionDocument } from '@hookstream/contracts';
import { aDocument } from '@hookstream/testing';
import { MissingKeys } from './missing-keys.js';

const box = (id: string) => new SecretBox([{ id, key: Buffer.alloc(32, 1) }]);
const owner = { organization: 'org_default', subscription: 'sub_1' };
const by = (key: string) => box(key).seal(Buffer.from('secret'), owner);
const document = (id: SubscriptionDocument['id'], ...keys: readonly string[]) =>
  aDocument({ id, sealedSecrets: keys.map(by) });

describe('MissingKeys', () => {
  it('says nothing where a key opens every secret, and of a subscription without any', () => {
    const missing = new MissingKeys(box('k2'));
    missing.onSubscription(document('sub_1', 'k2'));
    missing.onSubscription(document('sub_2'));
    expect(missing.problem).toBeUndefined();
  });

  it('names the key, whose secrets need it, and what to do, until nobody needs it any more', () => {
    const missing = new MissingKeys(box('k2'));
    for (const n of [1, 2, 3, 4, 5]) missing.onSubscription(document(`sub_${n}`, 'k2', 'k1'));
    expect(missing.problem).toBe(
      'secrets of sub_1, sub_2, sub_3 and 2 more are sealed with "k1", which is not here: ' +
        'add it to HOOKSTREAM_ENCRYPTION_KEYS and restart',
    );
    for (const n of [1, 2, 3]) missing.onSubscription(document(`sub_${n}`, 'k2'));
    missing.onDeleted({ id: 'sub_4' });
    expect(missing.problem).toContain('secrets of sub_5 are sealed');
    missing.onForgotten('sub_5');
    expect(missing.problem).toBeUndefined();
  });

  it('looks at the secrets of an endpoint too', () => {
    const missing = new MissingKeys(box('k2'));
    const auth = { type: 'header', name: 'X-Shop', sealed: by('k9') } as const;
    missing.onSubscription(aDocument({ id: 'sub_1', endpoint: { auth } }));
    expect(missing.problem).toContain('sealed with "k9"');
  });
});
