import type { PayloadFormat } from './payload-format.js';

/** How requests of a subscription can be signed; docs/signatures.md says what each sends. */
export const SIGNING_SCHEMES = [
  'standard-webhooks',
  'standard-webhooks-v1a',
  'github',
  'intercom',
  'messenger',
  'md5',
  'none',
] as const;

/** Formats that have room for an MD5 beside the payload. */
export const MD5_FORMATS: readonly PayloadFormat[] = ['json', 'form', 'xml'];

export type SigningScheme = (typeof SIGNING_SCHEMES)[number];
