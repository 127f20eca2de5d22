import { describe, expect, it } from '@jest/globals';
import { organizationDocument, subscriptionDocument } from '../../test/support/builders.js';
import { RoutingTable } from './routing-table.js';

const deleted = (id: string) => ({ kind: 'deleted', id, version: 9, organization: null, deletedAtMs: 0 }) as const;
const event = { organization: 'org_acme', type: 'a.b' } as const;

describe('RoutingTable', () => {
  it('finds an organization by id and by external id, and by neither once it is deleted', () => {
    const table = new RoutingTable();
    table.onOrganization(organizationDocument('acme', 'ext'));
    expect(table.resolveOrganization('org_acme')).toBe('org_acme');
    expect(table.resolveOrganization('ext')).toBe('org_acme');
    table.onDeleted(deleted('org_acme'));
    expect(table.resolveOrganization('org_acme')).toBeUndefined();
    expect(table.resolveOrganization('ext')).toBeUndefined();
  });

  it('follows an external id from one organization to another', () => {
    const table = new RoutingTable();
    table.onOrganization(organizationDocument('a', 'ext'));
    table.onOrganization(organizationDocument('b', 'ext'));
    table.onOrganization(organizationDocument('a', 'new', 2));
    expect(table.resolveOrganization('ext')).toBe('org_b');
    expect(table.resolveOrganization('new')).toBe('org_a');
  });

  it('puts an id before an external id that is spelt like one', () => {
    const table = new RoutingTable();
    table.onOrganization(organizationDocument('a', null));
    table.onOrganization(organizationDocument('evil', 'org_a'));
    expect(table.resolveOrganization('org_a')).toBe('org_a');
  });

  it.each(['constructor', '__proto__', ''])('knows no organization named %j', (name) => {
    expect(new RoutingTable().resolveOrganization(name)).toBeUndefined();
  });

  it('matches by the newest version of a subscription, in its own organization only, and not once it is deleted', () => {
    const table = new RoutingTable();
    table.onSubscription(subscriptionDocument('s', ['a.b'], { organization: 'org_acme' }));
    table.onSubscription(subscriptionDocument('foreign', ['**']));
    table.onSubscription(subscriptionDocument('s', ['a.*'], { organization: 'org_acme', version: 2 }));
    expect(table.match(event)).toEqual([expect.objectContaining({ id: 'sub_s', version: 2 })]);
    expect(table.match(event)[0]).not.toHaveProperty('sealedSecrets');
    table.onDeleted(deleted('sub_s'));
    expect(table.match(event)).toEqual([]);
  });
});
