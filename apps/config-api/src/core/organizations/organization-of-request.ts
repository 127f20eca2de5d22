import { DEFAULT_ORGANIZATION, type OrganizationId } from '@hookstream/domain';
import { type Caller } from '../caller.js';
import { type Scope } from '../config-store.js';
import { accepted, type Outcome, rejected } from '../outcome.js';

/** Knows organizations by their ids and external ids. */
export interface OrganizationDirectory {
  resolve(idOrExternalId: string): Promise<OrganizationId | undefined>;
}

/**
 * Which organization a request is about. An organization-bound key implies its own; a platform-wide key names one, else
 * the default one is meant. Another's organization is unknown to a bound key, like one that does not exist.
 */
export async function organizationFor(
  caller: Caller,
  reference: string | undefined,
  directory: OrganizationDirectory,
): Promise<Outcome<OrganizationId>> {
  if (reference === undefined) return accepted(caller.organization ?? DEFAULT_ORGANIZATION);
  const organization = await directory.resolve(reference);
  if (organization !== undefined && (caller.organization === null || caller.organization === organization)) {
    return accepted(organization);
  }
  return rejected({ kind: 'field', pointer: '/organization', message: 'there is no such organization' });
}

/** As `organizationFor`; `null` in the request stands for the whole platform, which only a platform-wide key may name. */
export async function bindingFor(
  caller: Caller,
  reference: string | null | undefined,
  directory: OrganizationDirectory,
): Promise<Outcome<OrganizationId | null>> {
  if (reference !== null) return organizationFor(caller, reference, directory);
  if (caller.organization === null) return accepted(null);
  return rejected({ kind: 'forbidden', detail: 'Only a platform-wide key makes what is for the whole platform.' });
}

/** What a list shows: everything the caller may see, or one organization's part of it. */
export async function scopeOfList(
  caller: Caller,
  reference: string | undefined,
  directory: OrganizationDirectory,
): Promise<Outcome<Scope>> {
  if (reference === undefined) return accepted(caller.organization);
  const organization = await organizationFor(caller, reference, directory);
  if (organization.ok) return organization;
  return rejected({ kind: 'unknown-reference', parameter: 'organization', message: 'there is no such organization' });
}

/** Asks one directory after another. */
export function firstOf(...directories: readonly OrganizationDirectory[]): OrganizationDirectory {
  return {
    async resolve(reference) {
      for (const directory of directories) {
        const found = await directory.resolve(reference);
        if (found !== undefined) return found;
      }
      return undefined;
    },
  };
}
