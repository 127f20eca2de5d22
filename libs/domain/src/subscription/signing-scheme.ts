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

export type SigningScheme = (typeof SIGNING_SCHEMES)[number];
