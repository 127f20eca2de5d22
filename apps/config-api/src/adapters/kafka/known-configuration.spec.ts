import { describe, expect, it } from '@jest/globals';
import { type ApiKeyDocument } from '@hookstream/contracts';
import { KnownConfiguration } from './known-configuration.js';

const key: ApiKeyDocument = {
  kind: 'api-key',
  id: 'key_1',
  version: 1,
  organization: null,
  role: 'admin',
  grants: [],
  hash: 'h',
  expiresAtMs: null,
};
const deleted = (id: string) => ({ kind: 'deleted', id, version: 2, organization: null, deletedAtMs: 0 }) as const;
const organization = (id: `org_${string}`, externalId: string | null) =>
  ({ kind: 'organization', id, version: 1, name: 'x', externalId }) as const;

describe('KnownConfiguration', () => {
  it('knows a key until it is deleted', () => {
    const known = new KnownConfiguration();
    known.onApiKey(key);
    expect(known.find('h')).toMatchObject({ id: 'key_1', organization: null });
    known.onDeleted(deleted('key_1'));
    expect(known.find('h')).toBeUndefined();
  });

  it('refuses a key that was deleted here although the topic brings it afterwards', () => {
    const known = new KnownConfiguration();
    known.revoke('key_1');
    known.onApiKey(key);
    expect(known.find('h')).toBeUndefined();
  });

  it('resolves ids and external ids, also when one passes to another organization', async () => {
    const known = new KnownConfiguration();
    const resolve = (reference: string) => known.organizationDirectory.resolve(reference);
    known.onOrganization(organization('org_1', 'acme'));
    expect(await resolve('org_1')).toBe('org_1');
    expect(await resolve('acme')).toBe('org_1');
    known.onOrganization(organization('org_2', 'acme'));
    known.onOrganization(organization('org_1', null));
    expect(await resolve('acme')).toBe('org_2');
    known.onDeleted(deleted('org_2'));
    expect(await resolve('acme')).toBeUndefined();
    expect(await resolve('org_2')).toBeUndefined();
  });
});
