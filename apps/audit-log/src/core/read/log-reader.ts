import type { DeliveryState, PayloadFormat } from '@hookstream/domain';
import type { BatchPlace } from '../ingest/log-rows.js';
import type { Page, PageRequest } from './page.js';

/** A delivery as the log keeps it. */
export interface LoggedDelivery {
  readonly id: string;
  readonly event: {
    readonly id: string;
    readonly externalId: string | null;
    readonly type: string;
    readonly time: string;
    readonly subject: string | null;
  };
  readonly organization: string;
  readonly subscription: string;
  readonly run: string;
  readonly state: DeliveryState;
  readonly reason: string | null;
  readonly attempts: number;
  readonly nextAttemptAt: Date | null;
  readonly createdAt: Date;
  readonly completedAt: Date | null;
  /** When the newest run began; `null` where it is the first. */
  readonly runStartedAt: Date | null;
  /** What became of its other runs, oldest first. */
  readonly earlierRuns: readonly LoggedRun[];
}

/** One pass of a delivery through its retry policy. */
export interface LoggedRun {
  /** `0`, or a replay's id. */
  readonly run: string;
  readonly state: DeliveryState;
  readonly reason: string | null;
  /** `null`: the first, which began with the delivery. */
  readonly startedAt: Date | null;
  readonly completedAt: Date | null;
}

export interface LoggedAttempt {
  readonly id: string;
  readonly run: string;
  readonly number: number;
  readonly startedAt: Date;
  readonly durationMs: number;
  readonly outcome: string;
  readonly request: {
    readonly url: string;
    readonly method: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly format: PayloadFormat;
    /** In base64, where the event alone does not make it again. */
    readonly body?: string;
    readonly bodyTruncated?: true;
    readonly batch?: BatchPlace;
  };
  readonly response: {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: Buffer;
    readonly bodyTruncated: boolean;
  } | null;
  readonly error: { readonly class: string; readonly message: string } | null;
}

/** What is known of an event but its payload. */
export interface LoggedEvent {
  readonly id: string;
  readonly organization: string;
  readonly type: string;
  readonly source: string;
  readonly subject: string | null;
  readonly externalId: string | null;
  readonly time: string;
  readonly contentType: string | null;
  readonly dataSchema: string | null;
  readonly extensions: Readonly<Record<string, string>> | null;
  readonly origin: { readonly topic: string; readonly partition: number; readonly offset: number };
  readonly receivedAt: Date;
}

export interface LoggedRouting {
  readonly routedAt: Date;
  readonly skipped: readonly { readonly subscription: string; readonly version: number }[];
  readonly filterErrors: readonly { readonly subscription: string; readonly message: string }[];
}

export interface LoggedDeadLetter {
  readonly id: string;
  readonly organization: string | null;
  readonly stage: string;
  readonly reason: string;
  readonly detail: string;
  readonly at: Date;
  readonly origin: {
    readonly topic: string;
    readonly partition: number;
    readonly offset: number;
    readonly timestampMs: number;
  };
  readonly event: string | null;
  readonly delivery: string | null;
  readonly subscription: string | null;
  /** Bytes the record's value had; the log may hold fewer. */
  readonly valueBytes: number | null;
}

/** The refused record itself. */
export interface RawRecord {
  /** Base64. */
  readonly key: string | null;
  /** Names, and values in base64. */
  readonly headers: readonly (readonly [string, string])[];
  readonly value: Buffer | null;
}

export interface DeliveryFilter {
  readonly organization?: string | undefined;
  readonly subscription?: string | undefined;
  readonly states?: readonly DeliveryState[] | undefined;
  readonly event?: string | undefined;
  readonly eventType?: string | undefined;
  readonly subject?: string | undefined;
  /** Inclusive. */
  readonly createdAfter?: Date | undefined;
  /** Exclusive. */
  readonly createdBefore?: Date | undefined;
}

export interface EventFilter {
  readonly organization?: string | undefined;
  readonly type?: string | undefined;
  readonly subject?: string | undefined;
  readonly externalId?: string | undefined;
}

export interface DeadLetterFilter {
  readonly organization?: string | undefined;
  readonly stage?: string | undefined;
  readonly reason?: string | undefined;
}

/** Reads the log. Lists are newest first. */
export interface LogReader {
  deliveries(filter: DeliveryFilter, page: PageRequest): Promise<Page<LoggedDelivery>>;
  delivery(id: string): Promise<LoggedDelivery | undefined>;
  /** In the order they were made. */
  attempts(delivery: Pick<LoggedDelivery, 'id' | 'event'>): Promise<readonly LoggedAttempt[]>;
  /** Those of these deliveries' attempts that are named; each names a batch's first. */
  firstsOf(batches: readonly Pick<BatchPlace, 'delivery' | 'attempt'>[]): Promise<readonly LoggedAttempt[]>;
  events(filter: EventFilter, page: PageRequest): Promise<Page<LoggedEvent>>;
  event(id: string): Promise<{ readonly event: LoggedEvent; readonly payload: Buffer } | undefined>;
  /** `undefined` where every match became a delivery, or the event is not routed yet. */
  routing(event: string): Promise<LoggedRouting | undefined>;
  countDeliveries(event: string): Promise<number>;
  deadLetters(filter: DeadLetterFilter, page: PageRequest): Promise<Page<LoggedDeadLetter>>;
  deadLetter(id: string): Promise<{ readonly letter: LoggedDeadLetter; readonly record: RawRecord } | undefined>;
}
