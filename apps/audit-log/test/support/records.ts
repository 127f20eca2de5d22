import {
  encodeDeadLetter,
  encodeEventAttributes,
  encodeReport,
  encodeRoutedBatch,
  type AttemptReport,
  type ConsumedRecord,
  type DeadLetterCause,
  type EndingReport,
  type OutgoingRecord,
  type RoutedEvent,
} from '@hookstream/contracts';
import {
  attemptId,
  deliveryId,
  eventIdFromProducer,
  type EventAttributes,
  type HookEvent,
  type SubscriptionId,
} from '@hookstream/domain';

export const T0 = Date.parse('2026-05-18T10:00:00Z');

/** What the broker makes of a record that was written. */
function throughKafka(record: OutgoingRecord, offset = 0): ConsumedRecord {
  const headers = Object.entries(record.headers ?? {}).map(([name, value]): [string, Buffer] => [
    name,
    Buffer.from(value),
  ]);
  return {
    topic: record.topic,
    partition: record.partition ?? 0,
    offset,
    timestamp: T0,
    key: record.key === null ? null : Buffer.from(record.key),
    value: record.value,
    headers: Object.fromEntries(headers),
  };
}

/** The n-th event of a test. */
export function anEvent(n: number, overrides: Partial<EventAttributes> = {}): EventAttributes {
  const organization = overrides.organization ?? 'org_default';
  return {
    id: eventIdFromProducer(organization, '/billing', `A-${n}`),
    externalId: `A-${n}`,
    organization,
    type: 'invoice.submitted',
    source: '/billing',
    time: '2026-05-18T09:59:59.123456Z',
    subject: `invoice/${n}`,
    dataContentType: 'application/json',
    origin: { topic: 'events', partition: n % 3, offset: n },
    ...overrides,
  };
}

export function anOccurrence(attributes: EventAttributes, payload = '{"amount": 1.0}'): HookEvent {
  return { attributes, data: Buffer.from(payload) };
}

export interface RoutedOptions {
  readonly matched?: readonly SubscriptionId[];
  readonly skipped?: readonly SubscriptionId[];
  readonly routedAtMs?: number;
}

export function aRouting(event: EventAttributes, options: RoutedOptions = {}): RoutedEvent {
  const { matched = ['sub_1'], skipped = [], routedAtMs = T0 } = options;
  return {
    event,
    routedAtMs,
    matched: matched.map((subscription) => ({
      subscription,
      version: 1,
      delivery: deliveryId(event.id, subscription),
    })),
    skipped: skipped.map((subscription) => ({ subscription, version: 1 })),
    filterErrors: [],
  };
}

export function routedRecord(...events: RoutedEvent[]): ConsumedRecord {
  return throughKafka(encodeRoutedBatch('routed', { key: '1', events }));
}

export type ReportOptions = { readonly subscription?: SubscriptionId } & Partial<
  Omit<AttemptReport, 'kind' | 'event' | 'eventBytes' | 'subscription'>
>;

export function anAttempt(event: EventAttributes, options: ReportOptions = {}): AttemptReport {
  const { subscription = 'sub_1', ...overrides } = options;
  const delivery = deliveryId(event.id, subscription);
  const number = overrides.number ?? 1;
  const run = overrides.run ?? '0';
  return {
    kind: 'attempt',
    id: attemptId(delivery, run, number),
    delivery,
    organization: event.organization,
    subscription,
    event,
    eventBytes: encodeEventAttributes(event),
    configVersion: 1,
    run,
    state: 'delivered',
    firstSeenAtMs: T0,
    runStartedAtMs: T0,
    settles: { topic: 'deliveries', offset: 1 },
    number,
    startedAtMs: T0 + number * 10_000,
    durationMs: 12,
    outcome: 'success',
    request: { url: 'https://example.test/hook', method: 'POST', headers: { 'content-type': 'application/json' } },
    response: { status: 200, headers: { server: 'test' }, bodyTruncated: false },
    responseBody: Buffer.from('fine'),
    ...overrides,
  };
}

/** A failed attempt after which another is due. */
export function aFailure(event: EventAttributes, number: number, options: ReportOptions = {}): AttemptReport {
  return anAttempt(event, {
    number,
    state: 'retrying',
    outcome: 'failure',
    response: { status: 503, headers: {}, bodyTruncated: false },
    responseBody: Buffer.from('busy'),
    nextAttemptAtMs: T0 + (number + 1) * 10_000,
    ...options,
  });
}

export function anEnding(event: EventAttributes, overrides: Partial<EndingReport> = {}): EndingReport {
  const {
    delivery,
    organization,
    subscription,
    eventBytes,
    configVersion,
    run,
    firstSeenAtMs,
    runStartedAtMs,
    settles,
  } = anAttempt(event);
  return {
    ...{ delivery, organization, subscription, event, eventBytes, configVersion, run },
    ...{ firstSeenAtMs, runStartedAtMs, ...(settles && { settles }) },
    kind: 'ending',
    state: 'cancelled',
    reason: 'subscription-inactive',
    atMs: T0 + 60_000,
    ...overrides,
  };
}

export function reportRecord(report: AttemptReport | EndingReport): ConsumedRecord {
  return throughKafka(encodeReport('attempts', 0, report));
}

export function deadLetterRecord(
  cause: Partial<DeadLetterCause> = {},
  origin: Partial<ConsumedRecord> = {},
): ConsumedRecord {
  const record: ConsumedRecord = {
    topic: 'events',
    partition: 1,
    offset: 5,
    timestamp: T0,
    key: Buffer.from('k'),
    value: Buffer.from('{not json'),
    headers: { trace: Buffer.from('1') },
    ...origin,
  };
  const whole: DeadLetterCause = { reason: 'undecodable', detail: 'not JSON', stage: 'router', atMs: T0, ...cause };
  return throughKafka(encodeDeadLetter('dead-letters', record, whole, 1_048_576));
}
