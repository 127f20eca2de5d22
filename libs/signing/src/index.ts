export { type AttemptToSign, type SigningScheme, signAttempt } from './sign-attempt.js';
export { type ParsedSecret, SECRET_BYTES, formatSigningSecret, parseSigningSecret } from './signing-secret.js';
export {
  type StandardWebhooksHeaders,
  type StandardWebhooksMessage,
  signStandardWebhooks,
} from './standard-webhooks.js';
