import type { Notice } from './notice.js';

/** A plain-text e-mail. */
export interface Mail {
  /** The same for the same notice, for mail systems to know a repeat. */
  readonly id: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
}

export function mailOf({ id, kind, emails, facts }: Notice): Mail {
  const { name, subscription, endpoint, failingSince, failedAttempts, lastFailure, after, deactivatesAt } = facts;
  const isWarning = kind === 'failing';
  const what = lastFailure.what ?? 'no success';
  return {
    id,
    to: emails,
    subject: isWarning ? `Webhook failing for ${after}: ${name}` : `Webhook deactivated: ${name}`,
    text: [
      isWarning
        ? `The webhook subscription "${name}" has had no success for ${after}.`
        : `The webhook subscription "${name}" has been deactivated: it had no success for ${after}.`,
      '',
      `Subscription:     ${subscription}`,
      `Endpoint:         ${endpoint}`,
      `Failing since:    ${failingSince}`,
      `Failed attempts:  ${failedAttempts}`,
      `Last failure:     ${what}${lastFailure.at === null ? '' : `, ${lastFailure.at}`}`,
      '',
      ...(isWarning ? warningEnd(deactivatesAt) : DEACTIVATED_END),
      '',
    ].join('\n'),
  };
}

function warningEnd(deactivatesAt: string | null): string[] {
  if (deactivatesAt === null) return ['Deliveries go on by its retry policy. One success ends this warning.'];
  return [`It will be deactivated at ${deactivatesAt} unless an attempt succeeds before then.`];
}

const DEACTIVATED_END = [
  'What still waited for it is cancelled, and new events are not delivered to it.',
  'When the endpoint works again, activate the subscription, and replay what it missed.',
];
