import type {
  ConsumedRecord,
  DeadLetterCause,
  Delivery,
  EndpointState,
  OutgoingRecord,
  Topics,
} from '@hookstream/contracts';
import type { GuardedBurials } from '../guard/guarded-burials.js';
import type { SubscriptionEntry } from '../dispatch/subscription-table.js';
import type { TrackerTable } from '../tracker/tracker-table.js';

/** What became of a record that was to be written. */
export type Written =
  | { readonly kind: 'written' }
  /** It never fits into its topic. */
  | { readonly kind: 'too-large'; readonly detail: string }
  /** Not now: to be tried again. */
  | { readonly kind: 'refused'; readonly error: unknown };

export interface RecordWriter {
  /** Resolves when what became of each is known, in their order; never rejects. */
  write(records: readonly OutgoingRecord[]): Promise<readonly Written[]>;
}

export interface Undertaker {
  /**
   * Writes a dead letter, for as long as it takes, and where the record is a delivery the report that it ended; never
   * rejects.
   */
  bury(record: ConsumedRecord, cause: Pick<DeadLetterCause, 'reason' | 'detail'>, delivery?: Delivery): Promise<void>;
}

/** A stretch of one partition of `parked`. */
export interface ParkedRange {
  readonly partition: number;
  readonly fromOffset: number;
  /** Exclusive. */
  readonly toOffset: number;
  /** Awaited before more is fetched. */
  readonly onRecords: (records: readonly ConsumedRecord[]) => Promise<void>;
  readonly signal: AbortSignal;
}

export interface ParkedReader {
  /** Resolves at the end of the range, or soon after the signal. */
  read(range: ParkedRange): Promise<void>;
}

export interface ParkedObserver {
  /** Records went back to be delivered. */
  released(count: number): void;
  /** Runs ended while they waited. */
  ended(state: 'cancelled' | 'exhausted', reason: string): void;
  /** Records were written anew, so that offsets before them can be committed. */
  rewritten(count: number): void;
  /** Records were read again from the log. */
  reread(count: number): void;
  /** Records are not in the log any more, by its retention: their runs have no end there. */
  vanished(count: number): void;
  /** Records could not be written; they go on waiting. */
  refused(error: unknown): void;
}

export interface ParkedParts {
  readonly topics: Topics;
  readonly trackers: TrackerTable;
  readonly writer: RecordWriter;
  readonly burials: GuardedBurials;
  readonly reader: ParkedReader;
  readonly observer: ParkedObserver;
  readonly endpoint: (subscription: string) => EndpointState | undefined;
  readonly subscription: (subscription: string) => SubscriptionEntry | undefined;
  /** Records that go back to one subscription per second, at most; to all of them four times as many. */
  readonly mostPerSecond: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}
