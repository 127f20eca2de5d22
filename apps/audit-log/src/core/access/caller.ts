import type { OrganizationId } from '@hookstream/domain';

/** Who asks: the holder of an API key that may read the log. */
export interface Caller {
  /** What the key is bound to; `null` is the whole platform. */
  readonly organization: OrganizationId | null;
  /** Whether it may have things sent again: an editor with the grant `edit`, or an admin. */
  readonly mayReplay: boolean;
}

/** Whether the caller may see what belongs to an organization; what belongs to none is the platform's. */
export function maySee(caller: Caller, organization: string | null): boolean {
  return caller.organization === null || caller.organization === organization;
}
