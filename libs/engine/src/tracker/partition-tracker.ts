import { decodeCommitMetadata, encodeCommitMetadata, packRuns } from './commit-metadata.js';
import { OffsetRing } from './offset-ring.js';
import { ReportPositions } from './report-positions.js';

/** Offsets between the first unfinished record and the newest registered one. */
export const DEFAULT_WINDOW = 100_000;

/**
 * - `new`: handle it, then call `finish`.
 * - `known`: registered before and being handled, or done: drop it. A rebalance rewinds kept partitions.
 * - `finished`: done by the previous owner, who said so in the commit's metadata or by a report: drop it.
 * - `full`: not registered; ask again when the first unfinished record has been finished.
 */
export type Registration = 'new' | 'known' | 'finished' | 'full';

/** What a commit stores. `offset` is the first that is not finished, as Kafka means it. */
export interface CommitPoint {
  readonly offset: number;
  /** Finished offsets beyond it, and from where reports tell of more; at most 4,096 bytes. */
  readonly metadata: string;
}

/**
 * Knows which records of one partition are finished, in whatever order that happens, and so up to where it may be
 * committed. Offsets are registered in rising order; one that is skipped over (control records, compaction) counts as
 * finished. Memory: one bit per offset of the window, whatever the backlog.
 */
export class PartitionTracker {
  /** From where reports tell more than the commit did; undefined where the previous owner has not said. */
  readonly storedReportsFrom: number | undefined;
  private readonly reports: ReportPositions;
  private readonly finished: OffsetRing;
  /** Everything below is finished; while records are open, this is the first of them. */
  private watermark: number;
  private next: number;
  /** Above every finished offset. */
  private finishedEnd: number;
  private openCount = 0;
  private changeCount = 0;
  private fitted = true;

  /**
   * @param committed where the group stands, with the previous owner's metadata
   * @param window at least 1; rounded up to a multiple of 32
   */
  constructor(committed: CommitPoint, window: number = DEFAULT_WINDOW) {
    this.finished = new OffsetRing(window);
    this.watermark = committed.offset;
    this.next = committed.offset;
    this.finishedEnd = committed.offset;
    const { runs, reportsFrom } = decodeCommitMetadata(committed.metadata);
    this.storedReportsFrom = reportsFrom;
    this.reports = new ReportPositions(reportsFrom, this.finished.size);
    this.restore(runs);
  }

  /** The lowest offset not registered yet. */
  get nextOffset(): number {
    return this.next;
  }

  /** Records registered and not finished. */
  get open(): number {
    return this.openCount;
  }

  /** Offsets from the first unfinished to the newest registered one. */
  get span(): number {
    return this.next - this.watermark;
  }

  /** Whether the last commit point had room for every finished offset beyond it. */
  get fitsCommit(): boolean {
    return this.fitted;
  }

  /** Done, or never registered and passed by. */
  isFinished(offset: number): boolean {
    return offset < this.watermark || (offset < this.next && this.finished.has(offset));
  }

  /** Rises whenever the commit point is another; equal values mean that there is nothing new to commit. */
  get changes(): number {
    return this.changeCount;
  }

  register(offset: number): Registration {
    if (offset < this.next) return 'known';
    if (!this.skipTo(offset) || offset - this.watermark >= this.finished.size) return 'full';
    this.next = offset + 1;
    if (this.finished.has(offset)) {
      this.advance();
      return 'finished';
    }
    this.openCount += 1;
    return 'new';
  }

  /**
   * Counts every offset below `nextOffset` that is not registered as finished: there are no records. False, and nothing
   * changed, where the window has no room for that; the next registration will skip them anyhow.
   */
  skipTo(nextOffset: number): boolean {
    if (nextOffset <= this.next) return true;
    if (this.watermark === this.next) {
      this.finished.clearRange(this.watermark, Math.min(nextOffset, this.finishedEnd));
      this.watermark = nextOffset;
    } else {
      if (nextOffset - this.watermark > this.finished.size) return false;
      for (let offset = this.next; offset < nextOffset; offset += 1) this.finished.set(offset);
    }
    this.next = nextOffset;
    this.finishedEnd = Math.max(this.finishedEnd, nextOffset);
    this.changeCount += 1;
    return true;
  }

  /**
   * The previous owner has reported that it is done: `register` will say so. False, and nothing changed, where that is
   * known or the record is registered already.
   *
   * @param report where the report lies
   */
  settle(offset: number, report: number): boolean {
    if (offset < this.next || offset - this.watermark >= this.finished.size) return false;
    this.reports.remember(offset, report);
    if (this.finished.has(offset)) return false;
    this.finished.set(offset);
    this.finishedEnd = Math.max(this.finishedEnd, offset + 1);
    this.changeCount += 1;
    return true;
  }

  /** Every report below this position that matters was told by `settle`. Call before anything is registered. */
  reportsRead(toPosition: number): void {
    this.reports.startAt(toPosition);
    if (this.storedReportsFrom !== undefined && this.storedReportsFrom !== toPosition) this.changeCount += 1;
  }

  /** The report of a registered record is about to be written. Call before it is sent; `finish` ends it. */
  reporting(offset: number): void {
    this.reports.begin(offset);
  }

  /**
   * Ends a registered record, its effects being acknowledged. A second time, or for a foreign offset, it does nothing.
   *
   * @param report where its report lies, where the broker has told
   */
  finish(offset: number, report?: number): void {
    if (offset < this.watermark || offset >= this.next || this.finished.has(offset)) return;
    this.reports.finish(offset, report);
    this.finished.set(offset);
    this.finishedEnd = Math.max(this.finishedEnd, offset + 1);
    this.openCount -= 1;
    this.changeCount += 1;
    this.advance();
  }

  commitPoint(): CommitPoint {
    const runs = packRuns(this.runs());
    this.fitted = runs.isWhole;
    const reportsFrom = runs.isWhole
      ? this.reports.safe()
      : this.reports.safeWithout(this.watermark + runs.length, this.finishedEnd);
    return { offset: this.watermark, metadata: encodeCommitMetadata(runs, reportsFrom) };
  }

  private advance(): void {
    const watermark = this.finished.findClear(this.watermark, this.next);
    if (watermark === this.watermark) return;
    this.finished.clearRange(this.watermark, watermark);
    this.watermark = watermark;
    this.changeCount += 1;
  }

  /** Alternating lengths from the watermark on: unfinished, finished, unfinished, … finished. */
  private *runs(): Generator<number> {
    let from = this.watermark;
    while (from < this.finishedEnd) {
      const finishedFrom = this.finished.findSet(from, this.finishedEnd);
      const finishedTo = this.finished.findClear(finishedFrom, this.finishedEnd);
      if (finishedFrom === finishedTo) return;
      yield finishedFrom - from;
      yield finishedTo - finishedFrom;
      from = finishedTo;
    }
  }

  private restore(runs: readonly number[]): void {
    const limit = this.watermark + this.finished.size;
    let offset = this.watermark;
    for (const [index, length] of runs.entries()) {
      const end = Math.min(limit, offset + length);
      if (index % 2 === 1) {
        for (let each = offset; each < end; each += 1) this.finished.set(each);
        this.finishedEnd = end;
      }
      offset = end;
    }
  }
}
