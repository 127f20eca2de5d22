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
import { leftOut, texts } from '../lean-schemas.js';
import type { ConsumedRecord, OutgoingRecord } from '../record.js';
import { decodeEventAttributes, EVENT_HEADER } from './event-header.js';

/** What both kinds of report say. */
const standingSchema = z.object({
  delivery: idOf('dlv'),
  organization: idOf('org'),
  configVersion: z.number(),
  run: z.string(),
  /** Where the run stands after this. */
  state: z.enum(DELIVERY_STATES),
  /** Why it ended so; see the reasons of each state. */
  reason: leftOut(z.string()),
  nextAttemptAtMs: leftOut(z.number()),
  firstSeenAtMs: z.number(),
  runStartedAtMs: z.number(),
  /** The record this report finishes; it lies in the partition of the same number. See `withoutSettling`. */
  settles: leftOut(z.object({ topic: z.string(), offset: z.number() })),
  /** The event's data as text, of a test only: its event is in no ingress topic, where the log would read it. */
  testData: leftOut(z.string()),
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
    headers: texts,
    /** How its body was made of the event; JSON where it is left out. */
    format: leftOut(z.enum(PAYLOAD_FORMATS)),
    /** The body in base64, where the event alone does not make it again. */
    body: leftOut(z.string()),
    /** `body` is only the beginning. */
    bodyTruncated: leftOut(z.literal(true)),
    /** Several deliveries went in it; what was sent and answered is in the report of the first one's attempt. */
    batch: leftOut(z.object({ delivery: idOf('dlv'), attempt: idOf('att'), entry: z.number(), entries: z.number() })),
  }),
  /** The body is the record's value. */
  response: leftOut(z.object({ status: z.number(), headers: texts, bodyTruncated: z.boolean() })),
  error: leftOut(z.object({ class: z.string(), message: z.string() })),
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
  .extend({ kind: z.string(), number: leftOut(z.number()) });

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
  const isAttempt = report.kind === 'attempt';
  const header = isAttempt ? attemptHeader(report) : endingHeader(report);
  return {
    topic,
    partition,
    key: report.subscription,
    value: isAttempt ? report.responseBody : EMPTY,
    headers: { [REPORT_HEADER]: JSON.stringify(header), [EVENT_HEADER]: report.eventBytes },
  };
}

/** All members of a header; what is undefined is not written. */
type Members<T> = { readonly [Name in keyof Required<T>]: T[Name] | undefined };

/** Named one by one: one is written of every attempt, and to leave members out of a copy costs as much as its JSON. */
function attemptHeader(report: AttemptReport): Members<z.infer<typeof attemptSchema>> {
  return {
    kind: report.kind,
    delivery: report.delivery,
    organization: report.organization,
    configVersion: report.configVersion,
    run: report.run,
    state: report.state,
    reason: report.reason,
    nextAttemptAtMs: report.nextAttemptAtMs,
    firstSeenAtMs: report.firstSeenAtMs,
    runStartedAtMs: report.runStartedAtMs,
    settles: report.settles,
    testData: report.testData,
    id: report.id,
    number: report.number,
    startedAtMs: report.startedAtMs,
    durationMs: report.durationMs,
    outcome: report.outcome,
    request: report.request,
    response: report.response,
    error: report.error,
  };
}

function endingHeader({ subscription, event, eventBytes, ...header }: EndingReport): z.infer<typeof endingSchema> {
  return header;
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
