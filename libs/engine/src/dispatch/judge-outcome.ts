import {
  classifyResult,
  judgeHandshake,
  MAX_RETRY_AFTER_MS,
  parseRetryAfter,
  planNextAttempt,
  type AttemptResult,
  type DeliveryState,
  type ExhaustedReason,
  type Outcome,
} from '@hookstream/domain';
import { handshakeOrigin, type Command, type Delivery, type SubscriptionDocument } from '@hookstream/contracts';
import type { AttemptOutcome } from './attempts.js';

/** Where a run stands after an attempt, and what has to be done about it. */
export interface Standing {
  readonly state: Extract<DeliveryState, 'delivered' | 'retrying' | 'exhausted'>;
  readonly reason?: ExhaustedReason;
  /** The delivery as it goes on, when it does. */
  readonly next?: Delivery;
  readonly command?: Command;
  /** How long the endpoint asked to be left alone, where it did. */
  readonly holdMs?: number;
}

/** When an attempt was made. The next delay counts from its end. */
export interface AttemptTimes {
  readonly startedAtMs: number;
  readonly endedAtMs: number;
}

/** @param random uniform in [0, 1) */
export function judgeOutcome(
  delivery: Delivery,
  document: SubscriptionDocument,
  outcome: AttemptOutcome,
  times: AttemptTimes,
  random: number,
): Standing {
  const nowMs = times.endedAtMs;
  const { endpoint, retry, onFailure } = document.settings;
  const classified = classifyResult(resultOf(outcome, nowMs), endpoint, retry);
  const judged = delivery.test ? judgeTest(delivery, outcome, classified) : classified;
  if (delivery.test && judged.kind !== 'success') return failedTest(document, judged, nowMs);
  switch (judged.kind) {
    case 'success':
      return { state: 'delivered' };
    case 'non-retryable-status':
      return { state: 'exhausted', reason: 'non-retryable-status', ...pauseAsked(delivery, document, nowMs) };
    case 'gone':
      return {
        state: 'exhausted',
        reason: 'gone',
        ...(onFailure.deactivateOnGone && { command: deactivation(document, nowMs) }),
      };
    case 'retryable':
      return noted(
        afterFailure(delivery, document, judged.retryAfterMs, nowMs, random),
        delivery,
        outcome,
        times.startedAtMs,
      );
  }
}

function resultOf(outcome: AttemptOutcome, nowMs: number): AttemptResult {
  if (outcome.kind === 'failure') return { kind: 'no-response' };
  const { status, headers } = outcome;
  const retryAfter = headers['retry-after'];
  const retryAfterMs = retryAfter === undefined ? undefined : parseRetryAfter(retryAfter, nowMs);
  return { kind: 'status', status, ...(retryAfterMs !== undefined && { retryAfterMs }) };
}

function afterFailure(
  delivery: Delivery,
  document: SubscriptionDocument,
  retryAfterMs: number,
  nowMs: number,
  random: number,
): Standing {
  const attemptsMade = delivery.attemptsInRun + 1;
  const run = { attemptsMade, startedAtMs: delivery.runStartedAtMs, retryAfterMs };
  const plan = planNextAttempt(document.settings.retry, run, nowMs, random);
  const hold = holdOf(retryAfterMs);
  const { ordering } = document.settings;
  const isSkipped = delivery.order && ordering?.policy === 'skip' && attemptsMade >= (ordering.skipAfter ?? Infinity);
  if (plan.kind === 'exhausted' || isSkipped) {
    const reason = plan.kind === 'exhausted' ? plan.reason : 'attempts';
    return { state: 'exhausted', reason, ...pauseAsked(delivery, document, nowMs), ...hold };
  }
  const next: Delivery = {
    ...delivery,
    // An attempt never uses older settings than the one before it.
    configVersion: document.version,
    attemptsInRun: attemptsMade,
    attempt: delivery.attempt + 1,
    dueAtMs: plan.dueAtMs,
    plannedAtMs: nowMs,
    reason: 'retry',
    hops: 0,
  };
  return { state: 'retrying', next, ...hold };
}

/** What the attempts to come may tell of this one. What was never sent is no first sending. */
function noted(standing: Standing, delivery: Delivery, outcome: AttemptOutcome, startedAtMs: number): Standing {
  if (!standing.next) return standing;
  const isSent = outcome.kind === 'response' || !outcome.notAsked;
  const firstSentAtMs = delivery.firstSentAtMs ?? (isSent ? startedAtMs : undefined);
  const failedBy = outcome.kind === 'response' ? outcome.status : outcome.class;
  return { ...standing, next: { ...standing.next, failedBy, ...(firstSentAtMs !== undefined && { firstSentAtMs }) } };
}

function holdOf(retryAfterMs: number): Pick<Standing, 'holdMs'> {
  return retryAfterMs > 0 ? { holdMs: Math.min(retryAfterMs, MAX_RETRY_AFTER_MS) } : {};
}

/** What comes behind a delivery that failed for good may have to wait for somebody to look at it. */
function pauseAsked(delivery: Delivery, document: SubscriptionDocument, atMs: number): Pick<Standing, 'command'> {
  const { id, version, settings } = document;
  if (!delivery.order || settings.ordering?.policy !== 'pause') return {};
  const asked = { subscription: id, reason: 'delivery-exhausted', expectedVersion: version, atMs };
  return { command: { kind: 'pause-subscription', ...asked } };
}

/** The leave of an endpoint is in its headers, whatever statuses mean a success to its subscription. */
function judgeTest(delivery: Delivery, outcome: AttemptOutcome, classified: Outcome): Outcome {
  const origin = handshakeOrigin(delivery);
  if (origin === undefined || outcome.kind === 'failure') return classified;
  if (judgeHandshake(outcome, origin).ok) return { kind: 'success' };
  return classified.kind === 'success' ? { kind: 'retryable', retryAfterMs: 0 } : classified;
}

/** A test is made once, and its failure may end the subscription. */
function failedTest(
  document: SubscriptionDocument,
  judged: Exclude<Outcome, { kind: 'success' }>,
  atMs: number,
): Standing {
  const { test, onFailure } = document.settings;
  const isGone = judged.kind === 'gone' && onFailure.deactivateOnGone;
  const why = test?.failureDeactivates ? 'test-failed' : isGone ? 'gone' : undefined;
  return {
    state: 'exhausted',
    reason: judged.kind === 'retryable' ? 'attempts' : judged.kind,
    ...(why !== undefined && document.active && { command: deactivation(document, atMs, why) }),
    ...(judged.kind === 'retryable' && holdOf(judged.retryAfterMs)),
  };
}

function deactivation({ id, version }: SubscriptionDocument, atMs: number, reason = 'gone'): Command {
  return { kind: 'deactivate-subscription', subscription: id, reason, expectedVersion: version, atMs };
}
