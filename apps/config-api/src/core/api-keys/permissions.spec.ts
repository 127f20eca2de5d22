import { describe, expect, it } from '@jest/globals';
import { type Caller } from '../caller.js';
import { type Need, refusalOf } from './permissions.js';

const NEEDS: readonly Need[] = ['send', 'read', 'create', 'edit', 'delete', 'administer'];

describe('refusalOf', () => {
  it.each<[Caller['role'], Caller['grants'], readonly Need[]]>([
    ['producer', [], ['send']],
    ['viewer', [], ['read']],
    ['editor', ['create', 'edit', 'delete'], ['send', 'read', 'create', 'edit', 'delete']],
    ['editor', ['edit'], ['send', 'read', 'edit']],
    ['admin', [], NEEDS],
  ])('lets a %s with the grants %j do %j and nothing else', (role, grants, permitted) => {
    expect(NEEDS.filter((need) => refusalOf({ role, grants }, need) === undefined)).toEqual(permitted);
  });

  it('names the grant that is missing', () => {
    expect(refusalOf({ role: 'editor', grants: ['edit'] }, 'delete')).toContain('"delete"');
  });
});
