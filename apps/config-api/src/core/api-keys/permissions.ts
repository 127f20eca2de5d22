import { type Caller, type Grant } from '../caller.js';

/** What a request does. `administer`: keys and organizations. `send`: events. */
export type Need = 'send' | 'read' | 'administer' | Grant;

/** Why a caller may not do something, and what to do about it; `undefined` when it may. */
export function refusalOf({ role, grants }: Pick<Caller, 'role' | 'grants'>, need: Need): string | undefined {
  if (isPermitted(role, grants, need)) return undefined;
  switch (need) {
    case 'send':
      return `A key with the role "${role}" sends no events; use a producer, an editor or an admin.`;
    case 'read':
      return `A key with the role "${role}" sends events and reads nothing.`;
    case 'administer':
      return `A key with the role "${role}" does not manage keys and organizations; use an admin.`;
    default:
      return role === 'editor'
        ? `This editor key has no grant "${need}"; it has ${grants.join(', ')}.`
        : `A key with the role "${role}" changes nothing; use an editor with the grant "${need}", or an admin.`;
  }
}

function isPermitted(role: Caller['role'], grants: readonly Grant[], need: Need): boolean {
  switch (role) {
    case 'admin':
      return true;
    case 'producer':
      return need === 'send';
    case 'viewer':
      return need === 'read';
    case 'editor':
      return need === 'read' || need === 'send' || grants.some((grant) => grant === need);
  }
}
