import { decodeSettlement, type ConsumedRecord } from '@hookstream/contracts';
import { PoisonRecord } from '@hookstream/domain';
import type { NewestRuns } from './newest-runs.js';
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
    private readonly runs: Pick<NewestRuns, 'note'>,
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
      const groups = byPartition(gained);
      await eachOf(groups, async ({ partition, owners }) => {
        const end = ends.get(partition) ?? 0;
        await this.read(partition, storedFrom(owners, end), end, deadline, (report) => {
          counts.reports += 1;
          if (this.settle(owners, report)) counts.finished += 1;
        });
        for (const { tracker } of owners) tracker.reportsRead(end);
      });
      await this.lookBack(groups, ends, counts);
    } catch (error) {
      this.observer.incomplete(error);
    }
    const durationMs = this.clock.nowMs() - startedAtMs;
    this.observer.recovered({ partitions: gained.length, ...counts, durationMs });
  }

  /** Nothing depends on it but repeats that others write. */
  private async lookBack(
    groups: readonly Group[],
    ends: ReadonlyMap<number, number>,
    counts: { reports: number },
  ): Promise<void> {
    const deadline = this.clock.abortAfter(this.limits.lookBackWithinMs);
    const share = Math.ceil(this.limits.lookBack / groups.length);
    await eachOf(groups, async ({ partition, owners }) => {
      const to = storedFrom(owners, ends.get(partition) ?? 0);
      await this.read(partition, Math.max(0, to - share), to, deadline, (report) => {
        counts.reports += 1;
        this.recall(owners, report);
      });
    });
  }

  private async read(
    partition: number,
    fromOffset: number,
    toOffset: number,
    signal: AbortSignal,
    onReport: (report: ConsumedRecord) => void,
  ): Promise<void> {
    if (fromOffset >= toOffset) return;
    const onRecords = (records: readonly ConsumedRecord[]) => records.forEach(onReport);
    await before(signal, this.reader.read({ partition, fromOffset, toOffset, onRecords, signal }));
  }

  /** True where the report finishes a record of these very partitions that was not known to be finished. */
  private settle(owners: readonly OwnedPartition[], report: ConsumedRecord): boolean {
    const settled = this.recall(owners, report);
    if (!settled) return false;
    const { tracker } = settled.owner;
    if (report.offset < (tracker.storedReportsFrom ?? Infinity)) return false;
    return tracker.settle(settled.offset, report.offset);
  }

  private recall(owners: readonly OwnedPartition[], report: ConsumedRecord) {
    const settlement = readSettlement(report);
    const owner = owners.find(({ topic }) => topic === settlement?.topic);
    if (!settlement || !owner) return undefined;
    const { delivery: id, run, attempt, offset } = settlement;
    this.runs.note(id, settlement);
    if (attempt !== undefined) owner.handled.recall({ id, run, attempt });
    return { owner, offset };
  }
}

/** The partitions of one number, of whatever topics: their reports lie together. */
interface Group {
  readonly partition: number;
  readonly owners: readonly OwnedPartition[];
}

function byPartition(gained: readonly OwnedPartition[]): Group[] {
  const groups = new Map<number, OwnedPartition[]>();
  for (const owner of gained) groups.set(owner.partition, [...(groups.get(owner.partition) ?? []), owner]);
  return [...groups].map(([partition, owners]) => ({ partition, owners }));
}

/** From where reports tell more than one of the commits did. */
function storedFrom(owners: readonly OwnedPartition[], end: number): number {
  return Math.min(end, ...owners.map(({ tracker }) => tracker.storedReportsFrom ?? end));
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
