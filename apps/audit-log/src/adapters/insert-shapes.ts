import { stateRank } from '@hookstream/domain';
import type { Day } from '../core/day.js';
import type { AttemptRow, DeadLetterRow, DeliveryRow, EventRow, RoutingRow } from '../core/ingest/log-rows.js';
import { completedAtMs } from '../core/ingest/standing.js';
import { EARLIER_RUNS, earlierRuns } from './earlier-runs.js';
import { storableText, storableTexts } from '../core/ingest/storable-text.js';
import type { InsertShape } from './multi-row-insert.js';

/** A row and the day partition that its event lies in. */
export interface Placed<Row> {
  readonly row: Row;
  readonly day: Day;
}

interface Received {
  /** When the log writes it. */
  readonly receivedAtMs: number;
}

const text = (value: string | undefined): string | null => (value === undefined ? null : storableText(value));

export const eventInsert: InsertShape<Placed<EventRow> & Received> = {
  table: 'events',
  columns: [
    { name: 'id', kind: 'text', of: ({ row }) => row.attributes.id },
    { name: 'day', kind: 'date', of: ({ day }) => day },
    { name: 'organization', kind: 'text', of: ({ row }) => row.attributes.organization },
    { name: 'type', kind: 'text', of: ({ row }) => text(row.attributes.type) },
    { name: 'source', kind: 'text', of: ({ row }) => text(row.attributes.source) },
    { name: 'subject', kind: 'text', of: ({ row }) => text(row.attributes.subject) },
    { name: 'external_id', kind: 'text', of: ({ row }) => text(row.attributes.externalId) },
    { name: 'time', kind: 'text', of: ({ row }) => text(row.attributes.time) },
    { name: 'content_type', kind: 'text', of: ({ row }) => text(row.attributes.dataContentType) },
    { name: 'data_schema', kind: 'text', of: ({ row }) => text(row.attributes.dataSchema) },
    {
      name: 'extensions',
      kind: 'json',
      of: ({ row: { attributes } }) =>
        attributes.extensions === undefined ? null : JSON.stringify(storableTexts(attributes.extensions)),
    },
    { name: 'origin_topic', kind: 'text', of: ({ row }) => row.attributes.origin.topic },
    { name: 'origin_partition', kind: 'integer', of: ({ row }) => row.attributes.origin.partition },
    { name: 'origin_offset', kind: 'bigint', of: ({ row }) => row.attributes.origin.offset },
    { name: 'record_timestamp_ms', kind: 'bigint', of: ({ row }) => row.recordTimestampMs },
    { name: 'received_at', kind: 'time', of: ({ receivedAtMs }) => receivedAtMs },
    { name: 'payload', kind: 'bytes', of: ({ row }) => row.payload },
  ],
  // The occurrence Kafka took first is kept, whichever is read first; see `earlierOccurrence`.
  onConflict: `ON CONFLICT (id, day) DO UPDATE SET
      type = excluded.type, source = excluded.source, subject = excluded.subject, external_id = excluded.external_id,
      time = excluded.time, content_type = excluded.content_type, data_schema = excluded.data_schema,
      extensions = excluded.extensions, payload = excluded.payload, origin_topic = excluded.origin_topic,
      origin_partition = excluded.origin_partition, origin_offset = excluded.origin_offset,
      record_timestamp_ms = excluded.record_timestamp_ms
    WHERE (excluded.record_timestamp_ms, excluded.origin_topic, excluded.origin_partition, excluded.origin_offset)
        < (kept.record_timestamp_ms, kept.origin_topic, kept.origin_partition, kept.origin_offset)`,
};

export const routingInsert: InsertShape<Placed<RoutingRow>> = {
  table: 'routings',
  columns: [
    { name: 'event_id', kind: 'text', of: ({ row }) => row.event },
    { name: 'day', kind: 'date', of: ({ day }) => day },
    { name: 'routed_at', kind: 'time', of: ({ row }) => row.routedAtMs },
    { name: 'skipped', kind: 'jsonb', of: ({ row }) => JSON.stringify(row.skipped) },
    { name: 'filter_errors', kind: 'jsonb', of: ({ row }) => JSON.stringify(row.filterErrors) },
  ],
  onConflict: `ON CONFLICT (event_id, day) DO UPDATE SET
      routed_at = excluded.routed_at, skipped = excluded.skipped, filter_errors = excluded.filter_errors
    WHERE excluded.routed_at > kept.routed_at`,
};

/** What `compareStandings` compares, in its order. */
const standing = (table: string) =>
  `(${table}.run_order, ${table}.run, ${table}.state_rank, ${table}.standing_order,
    coalesce(${table}.next_attempt_at, '-infinity'), ${table}.state, coalesce(${table}.reason, ''))`;
const RISES = `${standing('excluded')} > ${standing('kept')}`;
const risen = (column: string) => `${column} = CASE WHEN ${RISES} THEN excluded.${column} ELSE kept.${column} END`;
const earlier = (column: string) =>
  `${column} = CASE WHEN excluded.created_at < kept.created_at THEN excluded.${column} ELSE kept.${column} END`;
const STANDING_COLUMNS = [
  'run_order',
  'run',
  'state_rank',
  'standing_order',
  'next_attempt_at',
  'state',
  'reason',
  'completed_at',
];
const EVENT_COLUMNS = ['event_external_id', 'event_type', 'event_time', 'event_subject'];

export const deliveryInsert: InsertShape<Placed<DeliveryRow>> = {
  table: 'deliveries',
  columns: [
    { name: 'id', kind: 'text', of: ({ row }) => row.id },
    { name: 'day', kind: 'date', of: ({ day }) => day },
    { name: 'event_id', kind: 'text', of: ({ row }) => row.event.id },
    { name: 'event_external_id', kind: 'text', of: ({ row }) => row.event.externalId ?? null },
    { name: 'event_type', kind: 'text', of: ({ row }) => row.event.type },
    { name: 'event_time', kind: 'text', of: ({ row }) => row.event.time },
    { name: 'event_subject', kind: 'text', of: ({ row }) => row.event.subject ?? null },
    { name: 'organization', kind: 'text', of: ({ row }) => row.organization },
    { name: 'subscription', kind: 'text', of: ({ row }) => row.subscription },
    { name: 'run', kind: 'text', of: ({ row }) => row.standing.run },
    { name: 'run_order', kind: 'bigint', of: ({ row }) => row.standing.runOrder },
    { name: 'state', kind: 'text', of: ({ row }) => row.standing.state },
    { name: 'state_rank', kind: 'integer', of: ({ row }) => stateRank(row.standing.state) },
    { name: 'standing_order', kind: 'bigint', of: ({ row }) => row.standing.order },
    { name: 'reason', kind: 'text', of: ({ row }) => row.standing.reason ?? null },
    { name: 'attempts', kind: 'integer', of: ({ row }) => row.attempts },
    { name: 'next_attempt_at', kind: 'time', of: ({ row }) => row.standing.nextAttemptAtMs ?? null },
    { name: 'created_at', kind: 'time', of: ({ row }) => row.createdAtMs },
    { name: 'completed_at', kind: 'time', of: ({ row }) => completedAtMs(row.standing) ?? null },
    { name: 'earlier_runs', kind: 'jsonb', of: ({ row }) => earlierRuns(row.earlier) },
  ],
  onConflict: `ON CONFLICT (id, day) DO UPDATE SET
      ${[...STANDING_COLUMNS.map(risen), ...EVENT_COLUMNS.map(earlier)].join(',\n      ')},
      attempts = greatest(kept.attempts, excluded.attempts),
      created_at = least(kept.created_at, excluded.created_at),
      earlier_runs = ${EARLIER_RUNS}
    WHERE excluded.run <> kept.run OR excluded.earlier_runs IS NOT NULL OR ${RISES} OR excluded.attempts > kept.attempts OR excluded.created_at < kept.created_at`,
};

export const attemptInsert: InsertShape<Placed<AttemptRow>> = {
  table: 'attempts',
  columns: [
    { name: 'delivery_id', kind: 'text', of: ({ row }) => row.delivery },
    { name: 'day', kind: 'date', of: ({ day }) => day },
    { name: 'run', kind: 'text', of: ({ row }) => row.run },
    { name: 'number', kind: 'integer', of: ({ row }) => row.number },
    { name: 'id', kind: 'text', of: ({ row }) => row.id },
    { name: 'started_at', kind: 'time', of: ({ row }) => row.startedAtMs },
    { name: 'duration_ms', kind: 'integer', of: ({ row }) => row.durationMs },
    { name: 'outcome', kind: 'text', of: ({ row }) => row.outcome },
    { name: 'request', kind: 'json', of: ({ row }) => JSON.stringify(row.request) },
    { name: 'response_status', kind: 'integer', of: ({ row }) => row.response?.status ?? null },
    {
      name: 'response_headers',
      kind: 'json',
      of: ({ row }) => (row.response ? JSON.stringify(row.response.headers) : null),
    },
    { name: 'response_body_truncated', kind: 'boolean', of: ({ row }) => row.response?.bodyTruncated ?? null },
    { name: 'error', kind: 'json', of: ({ row }) => (row.error ? JSON.stringify(row.error) : null) },
    { name: 'response_body', kind: 'bytes', of: ({ row }) => row.response?.body ?? null },
  ],
  // See `betterAttempt`: success before failure, then the first.
  onConflict: `ON CONFLICT (delivery_id, run, number, day) DO UPDATE SET
      started_at = excluded.started_at, duration_ms = excluded.duration_ms, outcome = excluded.outcome,
      request = excluded.request, response_status = excluded.response_status,
      response_headers = excluded.response_headers, response_body = excluded.response_body,
      response_body_truncated = excluded.response_body_truncated, error = excluded.error
    WHERE (excluded.outcome = 'success', kept.started_at) > (kept.outcome = 'success', excluded.started_at)`,
};

export const deadLetterInsert: InsertShape<Placed<DeadLetterRow>> = {
  table: 'dead_letters',
  columns: [
    { name: 'id', kind: 'text', of: ({ row }) => row.id },
    { name: 'day', kind: 'date', of: ({ day }) => day },
    { name: 'organization', kind: 'text', of: ({ row }) => row.letter.organization ?? null },
    { name: 'stage', kind: 'text', of: ({ row }) => row.letter.stage },
    { name: 'reason', kind: 'text', of: ({ row }) => row.letter.reason },
    { name: 'detail', kind: 'text', of: ({ row }) => row.letter.detail },
    { name: 'at', kind: 'time', of: ({ row }) => Math.round(row.letter.atMs) },
    { name: 'origin_topic', kind: 'text', of: ({ row }) => row.letter.origin.topic },
    { name: 'origin_partition', kind: 'integer', of: ({ row }) => row.letter.origin.partition },
    { name: 'origin_offset', kind: 'bigint', of: ({ row }) => row.letter.origin.offset },
    { name: 'origin_timestamp_ms', kind: 'bigint', of: ({ row }) => row.letter.origin.timestampMs },
    { name: 'event_id', kind: 'text', of: ({ row }) => row.letter.event ?? null },
    { name: 'delivery_id', kind: 'text', of: ({ row }) => row.letter.delivery ?? null },
    { name: 'subscription', kind: 'text', of: ({ row }) => row.letter.subscription ?? null },
    { name: 'record_key', kind: 'text', of: ({ row }) => text(row.letter.key ?? undefined) },
    { name: 'record_headers', kind: 'jsonb', of: ({ row }) => JSON.stringify(row.letter.headers) },
    { name: 'value_bytes', kind: 'integer', of: ({ row }) => row.letter.valueBytes },
    { name: 'value', kind: 'bytes', of: ({ row }) => row.letter.value },
  ],
  onConflict: 'ON CONFLICT (id, day) DO NOTHING',
};
