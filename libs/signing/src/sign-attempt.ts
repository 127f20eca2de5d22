import { type StandardWebhooksMessage, signStandardWebhooks } from './standard-webhooks.js';

/** How a subscription's requests are signed. */
export type SigningScheme = 'standard-webhooks' | 'none';

/** What a scheme may sign; a scheme takes from it what it needs. */
export type AttemptToSign = StandardWebhooksMessage;

/**
 * The headers that identify and sign one attempt. An unsigned attempt still carries `webhook-id` and
 * `webhook-timestamp`, so that a receiver recognises a repeat.
 *
 * @throws RangeError as {@link signStandardWebhooks} does.
 */
export function signAttempt(scheme: SigningScheme, attempt: AttemptToSign): Readonly<Record<string, string>> {
  switch (scheme) {
    case 'standard-webhooks':
      return { ...signStandardWebhooks(attempt) };
    case 'none':
      return { 'webhook-id': attempt.id, 'webhook-timestamp': String(attempt.timestampSeconds) };
  }
}
