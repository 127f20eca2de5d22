export { payloadMd5 } from './payload-md5.js';
export { keepsSecrets, schemeRules, type SchemeRules } from './scheme-rules.js';
export { type SecretForm } from './secret-forms.js';
export { signAttempt } from './sign-attempt.js';
