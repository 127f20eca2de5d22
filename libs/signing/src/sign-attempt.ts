import { type SigningScheme } from '@hookstream/domain';
import { hubSignature } from './hub-signatures.js';
import { signStandardWebhooks, signStandardWebhooksV1a, type StandardWebhooksMessage } from './standard-webhooks.js';

/** What a scheme may sign; a scheme takes from it what it needs. */
export type AttemptToSign = StandardWebhooksMessage;

/**
 * The headers that identify and sign one attempt. One that is not signed in a header still carries `webhook-id` and
 * `webhook-timestamp`, so that a receiver recognises a repeat.
 *
 * @throws RangeError as {@link signStandardWebhooks} does; where a scheme needs a secret and there is none
 */
export function signAttempt(scheme: SigningScheme, attempt: AttemptToSign): Readonly<Record<string, string>> {
  switch (scheme) {
    case 'standard-webhooks':
      return { ...signStandardWebhooks(attempt) };
    case 'standard-webhooks-v1a':
      return { ...signStandardWebhooksV1a(attempt) };
    case 'github':
      return {
        ...identified(attempt),
        'x-hub-signature-256': hubSignature('sha256', newest(attempt), attempt.body),
        'x-hub-signature': hubSignature('sha1', newest(attempt), attempt.body),
      };
    case 'intercom':
      return { ...identified(attempt), 'x-hub-signature': hubSignature('sha1', newest(attempt), attempt.body) };
    case 'messenger':
      return { ...identified(attempt), 'x-hub-signature-256': hubSignature('sha256', newest(attempt), attempt.body) };
    case 'md5':
    case 'none':
      return identified(attempt);
  }
}

function identified({ id, timestampSeconds }: AttemptToSign): Record<string, string> {
  return { 'webhook-id': id, 'webhook-timestamp': String(timestampSeconds) };
}

function newest({ secrets: [secret] }: AttemptToSign): Buffer {
  if (!secret) throw new RangeError('a webhook is signed with at least one secret');
  return secret;
}
