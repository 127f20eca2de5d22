import type { DeadLetterWithValue } from '@hookstream/contracts';
import type {
  AttemptId,
  DeadLetterId,
  DeliveryId,
  EventAttributes,
  EventId,
  PayloadFormat,
  SubscriptionId,
} from '@hookstream/domain';
import type { Standing } from './standing.js';

/** One occurrence of an event: what its producer wrote. */
export interface EventRow {
  readonly attributes: EventAttributes;
  readonly payload: Buffer;
  /** Kafka's timestamp of the record; it decides which of several occurrences of one id is kept. Milliseconds. */
  readonly recordTimestampMs: number;
}

/** What the router decided about an event beyond its deliveries; an event whose matches all became deliveries has none. */
export interface RoutingRow {
  readonly event: EventId;
  readonly routedAtMs: number;
  /** Subscriptions that matched but were inactive. */
  readonly skipped: readonly { readonly subscription: SubscriptionId; readonly version: number }[];
  readonly filterErrors: readonly { readonly subscription: SubscriptionId; readonly message: string }[];
}

/** What a list of deliveries tells about the event without reading it. */
export type EventSummary = Pick<EventAttributes, 'id' | 'externalId' | 'type' | 'time' | 'subject'>;

export interface DeliveryRow {
  readonly id: DeliveryId;
  readonly event: EventSummary;
  readonly organization: string;
  readonly subscription: SubscriptionId;
  /** When the router first handled it. Milliseconds. */
  readonly createdAtMs: number;
  /** The highest number of an attempt that was reported. */
  readonly attempts: number;
  /** Of its newest run. */
  readonly standing: Standing;
  /** Of its other runs, by their ids; left out where it was never replayed. */
  readonly earlier?: readonly Standing[];
}

export interface AttemptRow {
  readonly id: AttemptId;
  readonly delivery: DeliveryId;
  /** Whose day the attempt is kept in. */
  readonly event: EventId;
  readonly run: string;
  readonly number: number;
  readonly startedAtMs: number;
  readonly durationMs: number;
  readonly outcome: 'success' | 'failure';
  readonly request: {
    readonly url: string;
    readonly method: string;
    readonly headers: Headers;
    /** JSON where it is left out. */
    readonly format?: PayloadFormat;
    /** In base64, where the event alone does not make it again. */
    readonly body?: string;
    readonly bodyTruncated?: true;
    readonly batch?: BatchPlace;
  };
  readonly response?: {
    readonly status: number;
    readonly headers: Headers;
    readonly body: Buffer;
    readonly bodyTruncated: boolean;
  };
  readonly error?: { readonly class: string; readonly message: string };
}

/** The place of a delivery in a request with several: the attempt of the first has what was sent and answered. */
export interface BatchPlace {
  readonly delivery: string;
  readonly attempt: string;
  /** From 0. */
  readonly entry: number;
  readonly entries: number;
}

type Headers = Readonly<Record<string, string>>;

/** How one attempt went, for the health of its endpoint. */
export interface OutcomeRow {
  readonly subscription: SubscriptionId;
  readonly organization: string;
  /** Settings it was made with. */
  readonly configVersion: number;
  /** Of its report in `attempts`, where all reports of a subscription lie in one partition. */
  readonly offset: number;
  readonly recordTimestampMs: number;
  readonly endedAtMs: number;
  readonly durationMs: number;
  /** `HTTP 503`, or the class of an error; left out where it succeeded. */
  readonly failure?: string;
}

export interface DeadLetterRow {
  readonly id: DeadLetterId;
  readonly letter: DeadLetterWithValue;
}

/** What one or several records add to the log. */
export interface LogRows {
  readonly events: readonly EventRow[];
  readonly routings: readonly RoutingRow[];
  readonly deliveries: readonly DeliveryRow[];
  readonly attempts: readonly AttemptRow[];
  readonly deadLetters: readonly DeadLetterRow[];
  /** In the order of the log. */
  readonly outcomes: readonly OutcomeRow[];
}

export const NO_ROWS: LogRows = {
  events: [],
  routings: [],
  deliveries: [],
  attempts: [],
  deadLetters: [],
  outcomes: [],
};

export function countRows(rows: LogRows): number {
  const { events, routings, deliveries, attempts, deadLetters } = rows;
  return events.length + routings.length + deliveries.length + attempts.length + deadLetters.length;
}
