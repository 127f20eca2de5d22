import {
  decodeDeadLetter,
  decodeReport,
  decodeRoutedBatch,
  type AttemptReport,
  type ConsumedRecord,
  type DeliveryReport,
  type RoutedEvent,
} from '@hookstream/contracts';
import { deadLetterId, isTerminal, type EventAttributes, type HookEvent } from '@hookstream/domain';
import {
  NO_ROWS,
  type AttemptRow,
  type DeliveryRow,
  type EventRow,
  type EventSummary,
  type LogRows,
  type OutcomeRow,
  type RoutingRow,
} from './log-rows.js';
import { ROUTED, runOrderOf, type Standing } from './standing.js';
import { storableText, storableTexts } from './storable-text.js';

type Changeable<T> = { -readonly [Name in keyof T]: T[Name] };

export function rowsOfEvent(event: HookEvent, record: Pick<ConsumedRecord, 'timestamp'>): LogRows {
  const row: EventRow = {
    attributes: event.attributes,
    payload: event.data,
    recordTimestampMs: record.timestamp,
  };
  return { ...NO_ROWS, events: [row] };
}

/** @throws PoisonRecord when the record was not written by Hookstream */
export function rowsOfRoutedBatch(record: ConsumedRecord): LogRows {
  const events = decodeRoutedBatch(record);
  return { ...NO_ROWS, routings: events.flatMap(routingOf), deliveries: events.flatMap(pendingDeliveriesOf) };
}

/** @throws PoisonRecord when the record was not written by Hookstream */
export function rowsOfReport(record: ConsumedRecord): LogRows {
  const report = decodeReport(record);
  const isAttempt = report.kind === 'attempt';
  return {
    events: eventOfTest(report),
    routings: NO_ROWS.routings,
    deliveries: [deliveryOf(report)],
    attempts: isAttempt ? [attemptOf(report)] : NO_ROWS.attempts,
    deadLetters: NO_ROWS.deadLetters,
    outcomes: isAttempt ? [outcomeOf(report, record)] : NO_ROWS.outcomes,
  };
}

/** @throws PoisonRecord when the record was not written by Hookstream */
export function rowsOfDeadLetter(record: ConsumedRecord): LogRows {
  const letter = decodeDeadLetter(record);
  const { stage, origin, reason, detail } = letter;
  const id = deadLetterId(stage, origin, origin.timestampMs);
  const storable = { ...letter, reason: storableText(reason), detail: storableText(detail) };
  return { ...NO_ROWS, deadLetters: [{ id, letter: storable }] };
}

/** The event of a test was in no ingress topic: its report brings it along. */
function eventOfTest({ event, testData, firstSeenAtMs }: DeliveryReport): readonly EventRow[] {
  if (testData === undefined) return NO_ROWS.events;
  return [{ attributes: event, payload: Buffer.from(testData), recordTimestampMs: firstSeenAtMs }];
}

function routingOf({ event, routedAtMs, matched, skipped, filterErrors }: RoutedEvent): RoutingRow[] {
  if (matched.length > 0 && skipped.length === 0 && filterErrors.length === 0) return [];
  const errors = filterErrors.map(({ subscription, message }) => ({ subscription, message: storableText(message) }));
  return [{ event: event.id, routedAtMs: Math.round(routedAtMs), skipped, filterErrors: errors }];
}

function pendingDeliveriesOf({ event, routedAtMs, matched }: RoutedEvent): DeliveryRow[] {
  if (matched.length === 0) return [];
  const summary = summaryOf(event);
  return matched.map(({ subscription, delivery }) => ({
    id: delivery,
    event: summary,
    organization: event.organization,
    subscription,
    createdAtMs: Math.round(routedAtMs),
    attempts: 0,
    standing: ROUTED,
  }));
}

function deliveryOf(report: DeliveryReport): DeliveryRow {
  return {
    id: report.delivery,
    event: summaryOf(report.event),
    organization: report.organization,
    subscription: report.subscription,
    createdAtMs: Math.round(report.firstSeenAtMs),
    attempts: report.kind === 'attempt' ? report.number : 0,
    standing: standingOf(report),
  };
}

function standingOf(report: DeliveryReport): Standing {
  const { state, reason, nextAttemptAtMs } = report;
  const run = storableText(report.run);
  const standing: Changeable<Standing> = {
    run,
    runOrder: runOrderOf(run, Math.round(report.runStartedAtMs)),
    state,
    order: isTerminal(state) ? -endedAtMs(report) : report.kind === 'attempt' ? report.number : 0,
  };
  if (reason !== undefined) standing.reason = storableText(reason);
  if (nextAttemptAtMs !== undefined && !isTerminal(state)) standing.nextAttemptAtMs = Math.round(nextAttemptAtMs);
  return standing;
}

function endedAtMs(report: DeliveryReport): number {
  return Math.round(report.kind === 'attempt' ? report.startedAtMs + report.durationMs : report.atMs);
}

/** Built member by member, like all that is made of every report: spreading the optional ones cost more than the rest. */
function attemptOf(report: AttemptReport): AttemptRow {
  const { response, error } = report;
  const attempt: Changeable<AttemptRow> = {
    id: report.id,
    delivery: report.delivery,
    event: report.event.id,
    run: storableText(report.run),
    number: report.number,
    startedAtMs: Math.round(report.startedAtMs),
    durationMs: Math.round(report.durationMs),
    outcome: report.outcome,
    request: requestOf(report),
  };
  if (response) {
    const { status, headers, bodyTruncated } = response;
    attempt.response = { status, headers: storableTexts(headers), bodyTruncated, body: report.responseBody };
  }
  if (error) attempt.error = { class: storableText(error.class), message: storableText(error.message) };
  return attempt;
}

function requestOf({ request }: AttemptReport): AttemptRow['request'] {
  const { format, body, bodyTruncated, batch } = request;
  const kept: Changeable<AttemptRow['request']> = {
    url: storableText(request.url),
    method: storableText(request.method),
    headers: storableTexts(request.headers),
  };
  if (format) kept.format = format;
  if (body !== undefined) kept.body = body;
  if (bodyTruncated) kept.bodyTruncated = true;
  if (batch) kept.batch = batch;
  return kept;
}

function outcomeOf(report: AttemptReport, { offset, timestamp }: ConsumedRecord): OutcomeRow {
  const { subscription, organization, configVersion, response, error } = report;
  const outcome: Changeable<OutcomeRow> = {
    subscription,
    organization,
    configVersion,
    offset,
    recordTimestampMs: timestamp,
    endedAtMs: endedAtMs(report),
    durationMs: report.durationMs,
  };
  if (report.outcome === 'success') return outcome;
  outcome.failure = response ? `HTTP ${response.status}` : storableText(error?.class ?? 'no response');
  return outcome;
}

function summaryOf({ id, externalId, type, time, subject }: EventAttributes): EventSummary {
  const summary: Changeable<EventSummary> = { id, type: storableText(type), time: storableText(time) };
  if (externalId !== undefined) summary.externalId = storableText(externalId);
  if (subject !== undefined) summary.subject = storableText(subject);
  return summary;
}
