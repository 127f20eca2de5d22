/** Offsets that share one remembered position. */
const BUCKET = 1_024;

/**
 * Knows up to where the reports of a partition are reflected in its tracker: below `safe()` there is none, written by
 * this owner or read by it, whose record is not finished here. A report lies behind everything that was acknowledged
 * before it was sent, so the oldest one under way bounds all: an older position is always right, only slower to read.
 *
 * Finished offsets that a commit has no room for are told by their reports alone; a position per 1,024 offsets says
 * from where these have to be read.
 */
export class ReportPositions {
  /** Records whose report is under way, in order of their start, each with a position its report cannot lie before. */
  private readonly underWay = new Map<number, number | undefined>();
  private readonly bucketPositions: Float64Array;
  private readonly bucketNumbers: Float64Array;

  /**
   * @param end below this, all reports are known; undefined until `startAt` is called or a position is acknowledged
   * @param window of the tracker
   */
  constructor(
    private end: number | undefined,
    window: number,
  ) {
    const buckets = Math.ceil(window / BUCKET) + 1;
    this.bucketPositions = new Float64Array(buckets);
    this.bucketNumbers = new Float64Array(buckets).fill(-1);
  }

  /** All reports below this position were read. Call before any is begun. */
  startAt(position: number): void {
    this.end = position;
  }

  /** The report of this record is about to be sent. A second call, for a report in place of the first, changes nothing. */
  begin(offset: number): void {
    if (!this.underWay.has(offset)) this.underWay.set(offset, this.end);
  }

  /** @param report where its report lies, where that is known */
  finish(offset: number, report: number | undefined): void {
    const position = report ?? this.underWay.get(offset);
    this.underWay.delete(offset);
    if (position !== undefined) this.remember(offset, position);
    if (report !== undefined) this.end = Math.max(this.end ?? 0, report + 1);
  }

  /** A finished record's report was read. */
  remember(offset: number, report: number): void {
    const number = Math.floor(offset / BUCKET);
    const place = number % this.bucketNumbers.length;
    const known = this.bucketNumbers[place] === number ? (this.bucketPositions[place] ?? report) : report;
    this.bucketNumbers[place] = number;
    this.bucketPositions[place] = Math.min(known, report);
  }

  /** Undefined where nothing is known of older ones. */
  safe(): number | undefined {
    for (const position of this.underWay.values()) return position;
    return this.end;
  }

  /** The same, where finished offsets of [from, to) are not in the commit either. */
  safeWithout(from: number, to: number): number | undefined {
    let position = this.safe();
    if (position === undefined) return undefined;
    for (let number = Math.floor(from / BUCKET); number * BUCKET < to; number += 1) {
      const place = number % this.bucketNumbers.length;
      if (this.bucketNumbers[place] === number) position = Math.min(position, this.bucketPositions[place] ?? position);
    }
    return position;
  }
}
