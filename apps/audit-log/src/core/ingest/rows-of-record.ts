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
  return {
    ...NO_ROWS,
    events: eventOfTest(report),
    deliveries: [deliveryOf(report)],
    ...(report.kind === 'attempt' && { attempts: [attemptOf(report)], outcomes: [outcomeOf(report, record)] }),
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
  return {
    run,
    runOrder: runOrderOf(run, Math.round(report.runStartedAtMs)),
    state,
    order: isTerminal(state) ? -endedAtMs(report) : report.kind === 'attempt' ? report.number : 0,
    ...(reason !== undefined && { reason: storableText(reason) }),
    ...(nextAttemptAtMs !== undefined && !isTerminal(state) && { nextAttemptAtMs: Math.round(nextAttemptAtMs) }),
  };
}

function endedAtMs(report: DeliveryReport): number {
  return Math.round(report.kind === 'attempt' ? report.startedAtMs + report.durationMs : report.atMs);
}

function attemptOf(report: AttemptReport): AttemptRow {
  const { request, response, error } = report;
  return {
    id: report.id,
    delivery: report.delivery,
    event: report.event.id,
    run: storableText(report.run),
    number: report.number,
    startedAtMs: Math.round(report.startedAtMs),
    durationMs: Math.round(report.durationMs),
    outcome: report.outcome,
    request: {
      url: storableText(request.url),
      method: storableText(request.method),
      headers: storableTexts(request.headers),
      ...(request.format && { format: request.format }),
      ...(request.body !== undefined && { body: request.body }),
      ...(request.bodyTruncated && { bodyTruncated: true }),
      ...(request.batch && { batch: request.batch }),
    },
    ...(response && {
      response: { ...response, headers: storableTexts(response.headers), body: report.responseBody },
    }),
    ...(error && { error: { class: storableText(error.class), message: storableText(error.message) } }),
  };
}

function outcomeOf(report: AttemptReport, { offset, timestamp }: ConsumedRecord): OutcomeRow {
  const { subscription, organization, configVersion, outcome, response, error } = report;
  const failure = response ? `HTTP ${response.status}` : storableText(error?.class ?? 'no response');
  return {
    ...{ subscription, organization, configVersion, offset },
    recordTimestampMs: timestamp,
    endedAtMs: endedAtMs(report),
    durationMs: report.durationMs,
    ...(outcome === 'failure' && { failure }),
  };
}

function summaryOf({ id, externalId, type, time, subject }: EventAttributes): EventSummary {
  return {
    id,
    type: storableText(type),
    time: storableText(time),
    ...(externalId !== undefined && { externalId: storableText(externalId) }),
    ...(subject !== undefined && { subject: storableText(subject) }),
  };
}
