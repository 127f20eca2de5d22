import { type ApiKeyId, type OrganizationId } from '@hookstream/domain';

export type Role = 'producer' | 'viewer' | 'editor' | 'admin';
/** What an editor may do. */
export type Grant = 'create' | 'edit' | 'delete';

/** Who makes a change, and from where: what the audit trail keeps. */
export interface Actor {
  /** `null`: Hookstream itself. */
  readonly key: ApiKeyId | null;
  readonly role: Role | 'system';
  /** IP address; `null` where there was no request. */
  readonly address: string | null;
  readonly requestId: string | null;
}

/** Who asks: the holder of an API key. */
export interface Caller extends Actor {
  readonly key: ApiKeyId;
  readonly role: Role;
  /** What the key is bound to; `null` is the whole platform. */
  readonly organization: OrganizationId | null;
  readonly grants: readonly Grant[];
}

/** A change that a dispatcher asked for. */
export const DISPATCHER: Actor = { key: null, role: 'system', address: null, requestId: null };
