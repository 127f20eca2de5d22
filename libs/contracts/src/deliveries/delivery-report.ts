import { z } from 'zod';
import {
  DELIVERY_STATES,
  PAYLOAD_FORMATS,
  PoisonRecord,
  isId,
  type DeliveryId,
  type EventAttributes,
  type SubscriptionId,
} from '@hookstream/domain';
import { idOf } from '../ids.js';
import { jsonHeader, parseJson, requiredHeader } from '../json-header.js';
import type { ConsumedRecord, OutgoingRecord } from '../record.js';
import { decodeEventAttributes, EVENT_HEADER } from './event-header.js';

const headersSchema = z.record(z.string(), z.string());

/** What both kinds of report say. */
const standingSchema = z.object({
  delivery: idOf('dlv'),
  organization: idOf('org'),
  configVersion: z.number(),
  run: z.string(),
  /** Where the run stands after this. */
  state: z.enum(DELIVERY_STATES),
  /** Why it ended so; see the reasons of each state. */
  reason: z.string().exactOptional(),
  nextAttemptAtMs: z.number().exactOptional(),
  firstSeenAtMs: z.number(),
  runStartedAtMs: z.number(),
  /** The record this report finishes; it lies in the partition of the same number. See `withoutSettling`. */
  settles: z.object({ topic: z.string(), offset: z.number() }).exactOptional(),
  /** The event's data as text, of a test only: its event is in no ingress topic, where the log would read it. */
  testData: z.string().exactOptional(),
});

/** An HTTP request was made (or refused by the egress policy, which counts as one). */
const attemptSchema = standingSchema.extend({
  kind: z.literal('attempt'),
  id: idOf('att'),
  /** From 1, over all runs. */
  number: z.number(),
  startedAtMs: z.number(),
  durationMs: z.number(),
  outcome: z.enum(['success', 'failure']),
  request: z.object({
    url: z.string(),
    method: z.string(),
    headers: headersSchema,
    /** How its body was made of the event; JSON where it is left out. */
    format: z.enum(PAYLOAD_FORMATS).exactOptional(),
    /** The body in base64, where the event alone does not make it again. */
    body: z.string().exactOptional(),
    /** `body` is only the beginning. */
    bodyTruncated: z.literal(true).exactOptional(),
    /** Several deliveries went in it; what was sent and answered is in the report of the first one's attempt. */
    batch: z
      .object({ delivery: idOf('dlv'), attempt: idOf('att'), entry: z.number(), entries: z.number() })
      .exactOptional(),
  }),
  /** The body is the record's value. */
  response: z.object({ status: z.number(), headers: headersSchema, bodyTruncated: z.boolean() }).exactOptional(),
  error: z.object({ class: z.string(), message: z.string() }).exactOptional(),
});

/** The run ended without a request: cancelled, exhausted by age, dead-lettered. */
const endingSchema = standingSchema.extend({ kind: z.literal('ending'), atMs: z.number() });

const reportSchema = z.discriminatedUnion('kind', [attemptSchema, endingSchema]);

interface Addressed {
  readonly subscription: SubscriptionId;
  readonly event: EventAttributes;
  readonly eventBytes: Buffer;
}

export type AttemptReport = z.infer<typeof attemptSchema> & Addressed & { readonly responseBody: Buffer };
export type EndingReport = z.infer<typeof endingSchema> & Addressed;

/** What became of one delivery record: a record of `attempts`. */
export type DeliveryReport = AttemptReport | EndingReport;

/** The part of a report that tells which record is finished: what the owner of a partition reads back when it starts. */
const settlementSchema = standingSchema
  .pick({ delivery: true, run: true, runStartedAtMs: true, settles: true })
  .extend({ kind: z.string(), number: z.number().exactOptional() });

/** A record that a report has finished. */
export interface Settlement {
  readonly topic: string;
  readonly offset: number;
  readonly delivery: DeliveryId;
  readonly run: string;
  readonly runStartedAtMs: number;
  /** The number of the attempt that was made; undefined where the run ended without one. */
  readonly attempt: number | undefined;
}

const REPORT_HEADER = 'report';
const EMPTY = Buffer.alloc(0);

/** @param partition the number of the partition that holds the record this report settles */
export function encodeReport(topic: string, partition: number, report: DeliveryReport): OutgoingRecord {
  const { subscription, eventBytes, event, ...rest } = report;
  const { responseBody, ...header } = 'responseBody' in rest ? rest : { ...rest, responseBody: EMPTY };
  return {
    topic,
    partition,
    key: subscription,
    value: responseBody,
    headers: { [REPORT_HEADER]: JSON.stringify(header), [EVENT_HEADER]: eventBytes },
  };
}

/** @throws PoisonRecord when the record was not written by Hookstream */
export function decodeReport(record: ConsumedRecord): DeliveryReport {
  const subscription = record.key?.toString('utf8') ?? '';
  if (!isId('sub', subscription)) throw new PoisonRecord('undecodable', 'the key is no subscription id');
  const eventBytes = requiredHeader(record.headers, EVENT_HEADER);
  const addressed = { subscription, event: decodeEventAttributes(eventBytes), eventBytes };
  const report = jsonHeader(reportSchema, record.headers, REPORT_HEADER);
  // Added to what was just made: to spread objects of so many members costs more than to read them.
  return report.kind === 'attempt'
    ? Object.assign(report, addressed, { responseBody: record.value ?? EMPTY })
    : Object.assign(report, addressed);
}

/**
 * Reads only what a report finishes: half the cost of the whole. Undefined where it finishes nothing.
 *
 * @throws PoisonRecord when the record was not written by Hookstream
 */
export function decodeSettlement({ headers }: ConsumedRecord): Settlement | undefined {
  const { delivery, run, runStartedAtMs, number, settles } = jsonHeader(settlementSchema, headers, REPORT_HEADER);
  return settles && { ...settles, delivery, run, runStartedAtMs, attempt: number };
}

/**
 * The same report, for a record that somebody else has to finish: its attempt was made, but what has to follow was not
 * written, because the partition was lost meanwhile. Who read it as finished would lose the delivery.
 */
export function withoutSettling(record: OutgoingRecord): OutgoingRecord {
  const bytes = Buffer.from(record.headers?.[REPORT_HEADER] ?? '');
  const { settles, ...rest } = parseJson(reportSchema, bytes, `header "${REPORT_HEADER}"`);
  return { ...record, headers: { ...record.headers, [REPORT_HEADER]: JSON.stringify(rest) } };
}
