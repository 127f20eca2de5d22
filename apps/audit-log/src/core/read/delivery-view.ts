import { renderPayload } from '@hookstream/rendering';
import { viewBody, type BodyView } from './body-view.js';
import type { LoggedAttempt, LoggedDelivery, LoggedEvent } from './log-reader.js';

export interface DeliveryView {
  readonly id: string;
  readonly event: LoggedDelivery['event'];
  readonly organization: string;
  readonly subscription: string;
  readonly state: string;
  readonly reason: string | null;
  readonly attempts: number;
  readonly nextAttemptAt: string | null;
  readonly createdAt: string;
  readonly completedAt: string | null;
}

/** A request and its report take that long; what was planned before then has not happened. */
const PLAN_VALID_MS = 60_000;

/**
 * A planned time that is over says nothing: the delivery waits for its endpoint, or for its subscription to be resumed,
 * and when that will be nobody knows. It is told as no time at all.
 */
export function withoutPastPlan(delivery: LoggedDelivery, nowMs: number): LoggedDelivery {
  const { nextAttemptAt } = delivery;
  const isPast = nextAttemptAt !== null && nextAttemptAt.getTime() < nowMs - PLAN_VALID_MS;
  return isPast ? { ...delivery, nextAttemptAt: null } : delivery;
}

export function viewDelivery(delivery: LoggedDelivery): DeliveryView {
  const { id, event, organization, subscription, state, reason, attempts } = delivery;
  return {
    ...{ id, event, organization, subscription, state, reason, attempts },
    nextAttemptAt: delivery.nextAttemptAt?.toISOString() ?? null,
    createdAt: delivery.createdAt.toISOString(),
    completedAt: delivery.completedAt?.toISOString() ?? null,
  };
}

/** One delivery with its attempts in place of their number. */
export function viewDeliveryWithAttempts(
  delivery: LoggedDelivery,
  attempts: readonly LoggedAttempt[],
  requestBody: BodyView | null,
) {
  return { ...viewDelivery(delivery), attempts: attempts.map((attempt) => viewAttempt(attempt, requestBody)) };
}

/**
 * What every attempt of a delivery sent, made again from the event. `null` where the event has no payload in the log or
 * none could be made of it.
 */
export function viewRequestBody(logged: { event: LoggedEvent; payload: Buffer } | undefined): BodyView | null {
  if (!logged) return null;
  const { type, time, contentType } = logged.event;
  const rendered = renderPayload('json', { type, time, contentType: contentType ?? undefined, data: logged.payload });
  return rendered.ok ? viewBody(rendered.body) : null;
}

function viewAttempt(attempt: LoggedAttempt, requestBody: BodyView | null) {
  const { id, run, number, startedAt, durationMs, outcome, request, response, error } = attempt;
  return {
    id,
    number,
    run,
    startedAt: startedAt.toISOString(),
    durationMs,
    outcome,
    request: { ...request, ...(requestBody ?? { body: null }) },
    ...(response && {
      response: {
        status: response.status,
        headers: response.headers,
        ...viewBody(response.body),
        bodyTruncated: response.bodyTruncated,
      },
    }),
    ...(error && { error }),
  };
}
