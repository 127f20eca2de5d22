import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import type { ApiKeyDocument } from '@hookstream/contracts';
import { maySee } from './caller.js';
import { KeyRing } from './key-ring.js';

const hash = (key: string) => createHash('sha256').update(key).digest('hex');
const document = (more: Partial<ApiKeyDocument> = {}): ApiKeyDocument => ({
  ...{ kind: 'api-key', id: 'key_1', version: 1, organization: null, role: 'viewer', grants: [], hash: hash('hsk_a') },
  expiresAtMs: null,
  ...more,
});

describe('the key ring', () => {
  it('admits a key that is in force, as its organization', () => {
    const keys = new KeyRing();
    keys.onApiKey(document({ organization: 'org_acme' }));
    expect(keys.admit('bearer hsk_a', 0)).toEqual({
      kind: 'admitted',
      caller: { organization: 'org_acme', mayReplay: false },
    });
  });

  it.each([
    ['none', undefined],
    ['another scheme', 'Basic aHNrX2E='],
    ['an unknown key', 'Bearer hsk_b'],
    ['a hash in place of the key', `Bearer ${hash('hsk_a')}`],
  ])('refuses %s', (_, header) => {
    const keys = new KeyRing();
    keys.onApiKey(document());
    expect(keys.admit(header, 0).kind).toBe('unauthorized');
  });

  it('refuses a key from the moment it expires, is deleted, or has another secret', () => {
    const keys = new KeyRing();
    keys.onApiKey(document({ expiresAtMs: 1_000 }));
    expect(keys.admit('Bearer hsk_a', 999).kind).toBe('admitted');
    expect(keys.admit('Bearer hsk_a', 1_000).kind).toBe('unauthorized');
    keys.onApiKey(document({ version: 2, hash: hash('hsk_new') }));
    expect(keys.admit('Bearer hsk_a', 0).kind).toBe('unauthorized');
    keys.onDeleted({ id: 'key_1' });
    expect(keys.admit('Bearer hsk_new', 0).kind).toBe('unauthorized');
  });

  it.each([
    ['admin', [], true],
    ['editor', ['edit'], true],
    ['editor', ['create', 'delete'], false],
    ['viewer', ['edit'], false],
  ] as const)('lets a key with the role %s and the grants %j replay: %s', (role, grants, mayReplay) => {
    const keys = new KeyRing();
    keys.onApiKey(document({ role, grants: [...grants] }));
    expect(keys.admit('Bearer hsk_a', 0)).toMatchObject({ caller: { mayReplay } });
  });

  it('tells a producer’s key that it may not read', () => {
    const keys = new KeyRing();
    keys.onApiKey(document({ role: 'producer' }));
    expect(keys.admit('Bearer hsk_a', 0).kind).toBe('forbidden');
  });
});

describe('a caller', () => {
  it('sees its organization, or as the platform everything, what belongs to nobody included', () => {
    const [acme, platform] = [
      { organization: 'org_acme', mayReplay: true },
      { organization: null, mayReplay: true },
    ] as const;
    expect([maySee(acme, 'org_acme'), maySee(acme, 'org_b'), maySee(acme, null)]).toEqual([true, false, false]);
    expect([maySee(platform, 'org_b'), maySee(platform, null)]).toEqual([true, true]);
  });
});
