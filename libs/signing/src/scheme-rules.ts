import { type SigningScheme } from '@hookstream/domain';
import { ED25519, type SecretForm, SYMMETRIC, TEXT } from './secret-forms.js';

/** What a scheme asks of secrets. */
export interface SchemeRules {
  /** Its secrets; `null`: it uses none. */
  readonly secret: SecretForm | null;
  /** Whether a request cannot go out without one. */
  readonly needsSecret: boolean;
  /** Whether a request carries a signature by each secret in force; else the newest alone signs. */
  readonly signsWithAll: boolean;
}

const BY_TEXT: SchemeRules = { secret: TEXT, needsSecret: true, signsWithAll: false };

const RULES: Readonly<Record<SigningScheme, SchemeRules>> = {
  'standard-webhooks': { secret: SYMMETRIC, needsSecret: true, signsWithAll: true },
  'standard-webhooks-v1a': { secret: ED25519, needsSecret: true, signsWithAll: true },
  github: BY_TEXT,
  intercom: BY_TEXT,
  messenger: BY_TEXT,
  md5: { secret: TEXT, needsSecret: false, signsWithAll: false },
  none: { secret: null, needsSecret: false, signsWithAll: false },
};

export function schemeRules(scheme: SigningScheme): SchemeRules {
  return RULES[scheme];
}

/** Whether secrets of one scheme go on to sign when a subscription changes to another. */
export function keepsSecrets(from: SigningScheme, to: SigningScheme): boolean {
  const before = RULES[from];
  const after = RULES[to];
  return before.secret === after.secret && before.needsSecret === after.needsSecret;
}
