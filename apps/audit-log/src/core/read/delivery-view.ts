import { deliveredExtensions } from '@hookstream/contracts';
import type { PayloadFormat } from '@hookstream/domain';
import type { AttemptView, DeliveryView, DeliveryWithAttemptsView } from '@hookstream/log-api';
import { PAYLOAD_MD5_HEADER, renderPayload, type RenderableEvent } from '@hookstream/rendering';
import { viewBody, type BodyView } from './body-view.js';
import type { LoggedAttempt, LoggedDelivery, LoggedEvent } from './log-reader.js';

interface EventWithPayload {
  readonly event: LoggedEvent;
  readonly payload: Buffer;
}

const NO_BODY = { body: null };

type RequestBody = BodyView | { readonly body: null };

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
  event: EventWithPayload | undefined,
): DeliveryWithAttemptsView {
  const bodies = new Map<string, RequestBody>();
  const bodyOf: BodyOf = (format, md5) => {
    const name = `${format} ${md5 ?? ''}`;
    const body = bodies.get(name) ?? viewRequestBody(format, md5, event);
    bodies.set(name, body);
    return body;
  };
  return {
    ...viewDelivery(delivery),
    runs: viewRuns(delivery),
    attempts: attempts.map((attempt) => viewAttempt(attempt, bodyOf)),
  };
}

/** Every pass through the retry policy, the oldest first; the last one's state is the delivery's. */
function viewRuns({ earlierRuns, run, state, reason, runStartedAt, createdAt, completedAt }: LoggedDelivery) {
  const newest = { run, state, reason, startedAt: runStartedAt, completedAt };
  return [...earlierRuns, newest].map((each) => ({
    id: each.run,
    state: each.state,
    reason: each.reason,
    startedAt: (each.startedAt ?? createdAt).toISOString(),
    completedAt: each.completedAt?.toISOString() ?? null,
  }));
}

/** `md5`: of the payload, where the request told one. */
type BodyOf = (format: PayloadFormat, md5: string | undefined) => RequestBody;

/** What an attempt sent, made again from the event. `null` where the log has no event or none could be made of it. */
function viewRequestBody(
  format: PayloadFormat,
  md5: string | undefined,
  logged: EventWithPayload | undefined,
): RequestBody {
  if (!logged || format === 'template') return { body: null };
  const rendered = renderPayload(format, renderable(logged), md5 === undefined ? undefined : () => md5);
  return rendered.ok ? viewBody(rendered.body) : { body: null };
}

function renderable({ event, payload }: EventWithPayload): RenderableEvent {
  const { id, externalId, source, type, time, subject, contentType, dataSchema, extensions } = event;
  return {
    ...{ id: externalId ?? id, source, type, time, data: payload },
    subject: subject ?? undefined,
    contentType: contentType ?? undefined,
    dataSchema: dataSchema ?? undefined,
    extensions: deliveredExtensions({ extensions: extensions ?? undefined }),
  };
}

function viewAttempt(attempt: LoggedAttempt, bodyOf: BodyOf): AttemptView {
  const { id, run, number, startedAt, durationMs, outcome, response, error } = attempt;
  const { format, body, batch, ...request } = attempt.request;
  const sentBody = () => {
    if (body !== undefined) return viewBody(Buffer.from(body, 'base64'));
    return batch ? NO_BODY : bodyOf(format, request.headers[PAYLOAD_MD5_HEADER]);
  };
  return {
    id,
    number,
    run,
    startedAt: startedAt.toISOString(),
    durationMs,
    outcome,
    request: {
      ...request,
      ...(batch && { batch: { delivery: batch.delivery, entry: batch.entry + 1, entries: batch.entries } }),
      ...sentBody(),
    },
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
