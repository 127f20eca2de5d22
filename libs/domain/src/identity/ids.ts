import { randomBytes } from 'node:crypto';

/** The prefix tells what an id names; the rest is opaque. */
export type OrganizationId = `org_${string}`;
export type SubscriptionId = `sub_${string}`;
export type SourceId = `src_${string}`;
export type EventTypeId = `typ_${string}`;
export type ApiKeyId = `key_${string}`;
export type EventId = `evt_${string}`;
export type DeliveryId = `dlv_${string}`;
export type AttemptId = `att_${string}`;
export type DeadLetterId = `dlt_${string}`;

export type IdPrefix = 'org' | 'sub' | 'src' | 'key' | 'evt' | 'dlv' | 'att' | 'rpl' | 'dlt' | 'typ';

/** The organization that single-tenant users never have to name; made by the first start. */
export const DEFAULT_ORGANIZATION: OrganizationId = 'org_default';

const OPAQUE_PART = /^[0-9a-z]{1,64}$/;

/** A new random id: 16 bytes of entropy, hexadecimal; `entropy` is an argument so that tests can repeat one. */
export function newId<P extends IdPrefix>(prefix: P, entropy: Buffer = randomBytes(16)): `${P}_${string}` {
  return `${prefix}_${entropy.toString('hex')}`;
}

/** Whether a text is an id of this kind. It says nothing about whether such a thing exists. */
export function isId<P extends IdPrefix>(prefix: P, text: string): text is `${P}_${string}` {
  return text.startsWith(`${prefix}_`) && OPAQUE_PART.test(text.slice(prefix.length + 1));
}
