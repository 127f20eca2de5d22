import { attemptId } from '@hookstream/domain';
import type {
  AttemptReport,
  ConsumedRecord,
  Delivery,
  EndingReport,
  SubscriptionDocument,
} from '@hookstream/contracts';
import type { AttemptOutcome, AttemptRequest } from './attempts.js';
import type { Standing } from './judge-outcome.js';

export interface FinishedAttempt {
  readonly delivery: Delivery;
  readonly record: ConsumedRecord;
  /** The settings it was made by. */
  readonly document: SubscriptionDocument;
  readonly request: AttemptRequest;
  readonly outcome: AttemptOutcome;
  readonly startedAtMs: number;
}

export interface Ending {
  readonly state: EndingReport['state'];
  readonly reason: string;
  readonly atMs: number;
}

/** What a request or a response may carry that must not be kept: credentials of either side. */
const SECRET_HEADER = /authorization|cookie|secret|token|password|api-?key|credential/i;
const REDACTED = '[redacted]';
const NO_BODY = Buffer.alloc(0);

/** Built member by member: one is made of every attempt, and spreading parts into it cost more than all the rest. */
export function attemptReport(attempt: FinishedAttempt, standing: Standing): AttemptReport {
  const { delivery, record, document, request, outcome, startedAtMs } = attempt;
  const report: { -readonly [Name in keyof AttemptReport]: AttemptReport[Name] } = {
    kind: 'attempt',
    delivery: delivery.id,
    organization: delivery.organization,
    subscription: delivery.subscription,
    event: delivery.event,
    eventBytes: delivery.eventBytes,
    run: delivery.run,
    firstSeenAtMs: delivery.firstSeenAtMs,
    runStartedAtMs: delivery.runStartedAtMs,
    settles: { topic: record.topic, offset: record.offset },
    configVersion: document.version,
    id: attemptId(delivery.id, delivery.run, delivery.attempt),
    number: delivery.attempt,
    state: standing.state,
    outcome: standing.state === 'delivered' ? 'success' : 'failure',
    startedAtMs,
    durationMs: Math.round(outcome.durationMs),
    request: requestOf(request),
    responseBody: NO_BODY,
  };
  if (delivery.test) report.testData = delivery.data.toString('utf8');
  if (standing.reason !== undefined) report.reason = standing.reason;
  if (standing.next) report.nextAttemptAtMs = standing.next.dueAtMs;
  if (outcome.kind === 'failure') {
    report.error = { class: outcome.class, message: outcome.message };
  } else {
    const { status, headers, body, bodyTruncated } = outcome;
    report.response = { status, headers: withoutSecrets(headers), bodyTruncated };
    report.responseBody = body;
  }
  return report;
}

function requestOf({ url, method, headers, format, body, bodyTruncated, batch }: AttemptRequest) {
  const kept: { -readonly [Name in keyof AttemptReport['request']]: AttemptReport['request'][Name] } = {
    url: String(url),
    method,
    headers: withoutSecrets(headers),
  };
  if (format && format !== 'json') kept.format = format;
  if (body) kept.body = body.toString('base64');
  if (bodyTruncated) kept.bodyTruncated = true;
  if (batch) kept.batch = batch;
  return kept;
}

export function endingReport(
  delivery: Delivery,
  record: ConsumedRecord,
  { state, reason, atMs }: Ending,
): EndingReport {
  return {
    kind: 'ending',
    ...addressOf(delivery, record),
    ...(delivery.test && { testData: delivery.data.toString('utf8') }),
    configVersion: delivery.configVersion,
    state,
    reason,
    atMs,
  };
}

function addressOf(delivery: Delivery, { topic, offset }: ConsumedRecord) {
  const { id, organization, subscription, event, eventBytes, run, firstSeenAtMs, runStartedAtMs } = delivery;
  const settles = { topic, offset };
  return { delivery: id, organization, subscription, event, eventBytes, run, firstSeenAtMs, runStartedAtMs, settles };
}

function withoutSecrets(headers: Readonly<Record<string, string>>): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const name in headers) kept[name] = SECRET_HEADER.test(name) ? REDACTED : (headers[name] ?? '');
  return kept;
}
