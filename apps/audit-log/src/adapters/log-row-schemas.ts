import { DELIVERY_STATES, PAYLOAD_FORMATS } from '@hookstream/domain';
import { z } from 'zod';
import { completedAtMs } from '../core/ingest/standing.js';
import type {
  LoggedAttempt,
  LoggedDeadLetter,
  LoggedDelivery,
  LoggedEvent,
  LoggedRouting,
  LoggedRun,
  RawRecord,
} from '../core/read/log-reader.js';

const bytes = z.instanceof(Buffer);
/** `bigint` comes as text. */
const bigint = z.coerce.number();
const texts = z.record(z.string(), z.string());

const earlierRunsColumn = z.record(
  z.string(),
  z.object({ state: z.enum(DELIVERY_STATES), order: z.number(), runOrder: z.number(), reason: z.string().optional() }),
);

function earlierRunsOf(column: z.output<typeof earlierRunsColumn> | null): LoggedRun[] {
  return Object.entries(column ?? {})
    .sort(([one, a], [other, b]) => a.runOrder - b.runOrder || (one < other ? -1 : 1))
    .map(([run, { state, order, runOrder, reason = null }]) => {
      const endedAtMs = completedAtMs({ state, order });
      return {
        ...{ run, state, reason, startedAt: startOf(runOrder) },
        completedAt: endedAtMs === undefined ? null : new Date(endedAtMs),
      };
    });
}

/** The first run began with its delivery. */
function startOf(runOrder: number): Date | null {
  return runOrder === 0 ? null : new Date(runOrder);
}

export const DELIVERY_COLUMNS = `id, event_id, event_external_id, event_type, event_time, event_subject, organization,
  subscription, run, state, reason, attempts, next_attempt_at, created_at, completed_at, run_order, earlier_runs`;

export const deliveryRow = z
  .object({
    id: z.string(),
    event_id: z.string(),
    event_external_id: z.string().nullable(),
    event_type: z.string(),
    event_time: z.string(),
    event_subject: z.string().nullable(),
    organization: z.string(),
    subscription: z.string(),
    run: z.string(),
    state: z.enum(DELIVERY_STATES),
    reason: z.string().nullable(),
    attempts: z.number(),
    next_attempt_at: z.date().nullable(),
    created_at: z.date(),
    completed_at: z.date().nullable(),
    run_order: bigint,
    earlier_runs: earlierRunsColumn.nullable(),
  })
  .transform(({ id, organization, subscription, run, state, reason, attempts, ...row }): LoggedDelivery => ({
    id,
    event: {
      id: row.event_id,
      externalId: row.event_external_id,
      type: row.event_type,
      time: row.event_time,
      subject: row.event_subject,
    },
    ...{ organization, subscription, run, state, reason, attempts },
    nextAttemptAt: row.next_attempt_at,
    createdAt: row.created_at,
    completedAt: row.completed_at,
    runStartedAt: startOf(row.run_order),
    earlierRuns: earlierRunsOf(row.earlier_runs),
  }));

export const attemptRow = z
  .object({
    id: z.string(),
    run: z.string(),
    number: z.number(),
    started_at: z.date(),
    duration_ms: z.number(),
    outcome: z.string(),
    request: z.object({
      url: z.string(),
      method: z.string(),
      headers: texts,
      format: z.enum(PAYLOAD_FORMATS).default('json'),
      body: z.string().exactOptional(),
      bodyTruncated: z.literal(true).exactOptional(),
      batch: z
        .object({ delivery: z.string(), attempt: z.string(), entry: z.number(), entries: z.number() })
        .exactOptional(),
    }),
    response_status: z.number().nullable(),
    response_headers: texts.nullable(),
    response_body: bytes.nullable(),
    response_body_truncated: z.boolean().nullable(),
    error: z.object({ class: z.string(), message: z.string() }).nullable(),
  })
  .transform(({ id, run, number, outcome, request, error, response_status: status, ...row }): LoggedAttempt => ({
    ...{ id, run, number, outcome, request, error },
    startedAt: row.started_at,
    durationMs: row.duration_ms,
    response: status === null ? null : responseOf(status, row),
  }));

interface ResponseColumns {
  readonly response_headers: Readonly<Record<string, string>> | null;
  readonly response_body: Buffer | null;
  readonly response_body_truncated: boolean | null;
}

function responseOf(status: number, row: ResponseColumns): LoggedAttempt['response'] {
  return {
    status,
    headers: row.response_headers ?? {},
    body: row.response_body ?? Buffer.alloc(0),
    bodyTruncated: row.response_body_truncated ?? false,
  };
}

export const EVENT_COLUMNS = `id, organization, type, source, subject, external_id, time, content_type, data_schema,
  extensions, origin_topic, origin_partition, origin_offset, received_at`;

const eventColumns = z.object({
  id: z.string(),
  organization: z.string(),
  type: z.string(),
  source: z.string(),
  subject: z.string().nullable(),
  external_id: z.string().nullable(),
  time: z.string(),
  content_type: z.string().nullable(),
  data_schema: z.string().nullable(),
  extensions: texts.nullable(),
  origin_topic: z.string(),
  origin_partition: z.number(),
  origin_offset: bigint,
  received_at: z.date(),
});

export const eventRow = eventColumns.transform(eventOf);

export const wholeEventRow = eventColumns
  .extend({ payload: bytes })
  .transform(({ payload, ...row }) => ({ event: eventOf(row), payload }));

function eventOf({ id, organization, type, source, subject, time, extensions, ...row }: z.output<typeof eventColumns>) {
  const event: LoggedEvent = {
    ...{ id, organization, type, source, subject },
    externalId: row.external_id,
    time,
    contentType: row.content_type,
    dataSchema: row.data_schema,
    extensions,
    origin: { topic: row.origin_topic, partition: row.origin_partition, offset: row.origin_offset },
    receivedAt: row.received_at,
  };
  return event;
}

export const routingRow = z
  .object({
    routed_at: z.date(),
    skipped: z.array(z.object({ subscription: z.string(), version: z.number() })),
    filter_errors: z.array(z.object({ subscription: z.string(), message: z.string() })),
  })
  .transform(({ routed_at: routedAt, skipped, filter_errors: filterErrors }): LoggedRouting => ({
    routedAt,
    skipped,
    filterErrors,
  }));

export const DEAD_LETTER_COLUMNS = `id, organization, stage, reason, detail, at, origin_topic, origin_partition,
  origin_offset, origin_timestamp_ms, event_id, delivery_id, subscription, value_bytes`;

const deadLetterColumns = z.object({
  id: z.string(),
  organization: z.string().nullable(),
  stage: z.string(),
  reason: z.string(),
  detail: z.string(),
  at: z.date(),
  origin_topic: z.string(),
  origin_partition: z.number(),
  origin_offset: bigint,
  origin_timestamp_ms: bigint,
  event_id: z.string().nullable(),
  delivery_id: z.string().nullable(),
  subscription: z.string().nullable(),
  value_bytes: z.number().nullable(),
});

export const deadLetterRow = deadLetterColumns.transform(letterOf);

export const wholeDeadLetterRow = deadLetterColumns
  .extend({
    record_key: z.string().nullable(),
    record_headers: z.array(z.tuple([z.string(), z.string()])),
    value: bytes.nullable(),
  })
  .transform(({ record_key: key, record_headers: headers, value, ...row }) => {
    const record: RawRecord = { key, headers, value };
    return { letter: letterOf(row), record };
  });

function letterOf(row: z.output<typeof deadLetterColumns>): LoggedDeadLetter {
  const { id, organization, stage, reason, detail, at, subscription } = row;
  return {
    ...{ id, organization, stage, reason, detail, at, subscription },
    origin: {
      topic: row.origin_topic,
      partition: row.origin_partition,
      offset: row.origin_offset,
      timestampMs: row.origin_timestamp_ms,
    },
    event: row.event_id,
    delivery: row.delivery_id,
    valueBytes: row.value_bytes,
  };
}
