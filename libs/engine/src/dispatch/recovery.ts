import { decodeSettlement, type ConsumedRecord } from '@hookstream/contracts';
import { PoisonRecord } from '@hookstream/domain';
import type { OwnedPartition } from '../tracker/tracker-table.js';

/** A stretch of one partition of `attempts`. */
export interface ReportRange {
  readonly partition: number;
  readonly fromOffset: number;
  /** Exclusive. */
  readonly toOffset: number;
  readonly onRecords: (records: readonly ConsumedRecord[]) => void;
  readonly signal: AbortSignal;
}

/** Reads `attempts`. */
export interface ReportReader {
  /** Where each partition ends now. */
  ends(): Promise<readonly { readonly partition: number; readonly offset: number }[]>;
  /** Resolves at the end of the range; rejects soon after the signal. */
  read(range: ReportRange): Promise<unknown>;
}

export interface RecoveryObserver {
  /** `reports` were read; `finished` of them tell of records that the commit did not. */
  recovered(read: {
    readonly partitions: number;
    readonly reports: number;
    readonly finished: number;
    readonly durationMs: number;
  }): void;
  /** Some reports were not read: what they tell of is delivered again. */
  incomplete(error: unknown): void;
}

export interface RecoveryLimits {
  /** For the reports since the commits. The group allows 10 s in all. */
  readonly withinMs: number;
  /** Then for those before them. */
  readonly lookBackWithinMs: number;
  /** Reports before the commits, over all partitions. */
  readonly lookBack: number;
}

export interface RecoveryClock {
  /** Monotonic milliseconds. */
  nowMs(): number;
  /** A signal that aborts when so much time has passed. */
  abortAfter(milliseconds: number): AbortSignal;
}

/**
 * A report costs some 35 µs to read: five seconds are 100,000 and more, a whole window. Those since the last commit of a
 * killed process are some hundred. While a router is away hardly any are added, so that thirty thousand go back far
 * enough to know what it writes again when it is back.
 */
const DEFAULT_RECOVERY_LIMITS: RecoveryLimits = { withinMs: 5_000, lookBackWithinMs: 3_000, lookBack: 30_000 };

/** Each reads over a connection of its own. */
const READERS = 4;

/**
 * What a former owner of a partition has finished, and could not commit any more, is in `attempts`: read before the
 * partition's records, it is not delivered again. What was under way is.
 *
 * Two things are learned. Records that a report since the last commit finishes are settled in the tracker. The attempts
 * of these and of older reports are recalled, so that another record of the same attempt (a router or scheduler that was
 * killed too writes twice) is a repeat, as it was for the former owner. Without a stored position nothing is settled:
 * offsets say nothing if the log may have been made anew, attempts do.
 */
export class Recovery {
  constructor(
    private readonly reader: ReportReader,
    private readonly observer: RecoveryObserver,
    private readonly clock: RecoveryClock,
    private readonly limits: RecoveryLimits = DEFAULT_RECOVERY_LIMITS,
  ) {}

  /** Never rejects: it is better to deliver twice than not to begin. */
  async recover(gained: readonly OwnedPartition[]): Promise<void> {
    const startedAtMs = this.clock.nowMs();
    const counts = { reports: 0, finished: 0 };
    try {
      const deadline = this.clock.abortAfter(this.limits.withinMs);
      const ends = new Map(
        (await before(deadline, this.reader.ends())).map(({ partition, offset }) => [partition, offset]),
      );
      await eachOf(gained, async (owner) => {
        const end = ends.get(owner.partition) ?? 0;
        await this.read(owner, owner.tracker.storedReportsFrom ?? end, end, deadline, (report) => {
          counts.reports += 1;
          if (settle(owner, report)) counts.finished += 1;
        });
        owner.tracker.reportsRead(end);
      });
      await this.lookBack(gained, ends, counts);
    } catch (error) {
      this.observer.incomplete(error);
    }
    const durationMs = this.clock.nowMs() - startedAtMs;
    this.observer.recovered({ partitions: gained.length, ...counts, durationMs });
  }

  /** Nothing depends on it but repeats that others write. */
  private async lookBack(
    gained: readonly OwnedPartition[],
    ends: ReadonlyMap<number, number>,
    counts: { reports: number },
  ): Promise<void> {
    const deadline = this.clock.abortAfter(this.limits.lookBackWithinMs);
    const share = Math.ceil(this.limits.lookBack / gained.length);
    await eachOf(gained, async (owner) => {
      const end = ends.get(owner.partition) ?? 0;
      const to = Math.min(end, owner.tracker.storedReportsFrom ?? end);
      await this.read(owner, Math.max(0, to - share), to, deadline, (report) => {
        counts.reports += 1;
        recall(owner, report);
      });
    });
  }

  private async read(
    { partition }: OwnedPartition,
    fromOffset: number,
    toOffset: number,
    signal: AbortSignal,
    onReport: (report: ConsumedRecord) => void,
  ): Promise<void> {
    if (fromOffset >= toOffset) return;
    const onRecords = (records: readonly ConsumedRecord[]) => records.forEach(onReport);
    await before(signal, this.reader.read({ partition, fromOffset, toOffset, onRecords, signal }));
  }
}

/** True where the report finishes a record of this very partition that was not known to be finished. */
function settle(owner: OwnedPartition, report: ConsumedRecord): boolean {
  const settlement = recall(owner, report);
  return settlement?.topic === owner.topic && owner.tracker.settle(settlement.offset, report.offset);
}

function recall(owner: OwnedPartition, report: ConsumedRecord) {
  const settlement = readSettlement(report);
  if (settlement?.attempt === undefined) return settlement;
  const { delivery: id, run, attempt } = settlement;
  owner.handled.recall({ id, run, attempt });
  return settlement;
}

/** A report that cannot be read tells nothing. */
function readSettlement(report: ConsumedRecord) {
  try {
    return decodeSettlement(report);
  } catch (error) {
    if (error instanceof PoisonRecord) return undefined;
    throw error;
  }
}

/** Rejects, where one does, when all have ended: nobody reads on after that. */
async function eachOf<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const waiting = [...items];
  const worker = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item);
  };
  const workers = await Promise.allSettled(Array.from({ length: Math.min(READERS, waiting.length) }, worker));
  for (const ended of workers) if (ended.status === 'rejected') throw ended.reason;
}

/** Rejects as soon as the signal says so, whatever becomes of the work. */
function before<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(new Error('not read in time'));
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
