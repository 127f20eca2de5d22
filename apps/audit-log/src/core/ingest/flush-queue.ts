import { weightOf, type LogUnit } from './log-unit.js';
import { countRows } from './log-rows.js';

export interface FlushBounds {
  /** How long the first batch waits for others: what is routed and finished within it is written once. Milliseconds. */
  readonly lingerMs: number;
  /** A flush begins at once when so much waits, and takes no second batch above it. */
  readonly maxRows: number;
  readonly maxBytes: number;
}

interface WaitingBatch {
  readonly units: readonly LogUnit[];
  readonly rows: number;
  readonly bytes: number;
  readonly dueAtMs: number;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * Brings the batches of several partitions into one transaction at a time. While one is written the next gathers, so the
 * batches grow with the load. A batch is done when its transaction is, and fails with it.
 */
export class FlushQueue {
  private waiting: WaitingBatch[] = [];
  private flushing = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly flush: (units: readonly LogUnit[]) => Promise<void>,
    private readonly bounds: FlushBounds,
    private readonly nowMs: () => number = () => performance.now(),
  ) {}

  /**
   * Resolves when the units are stored; rejects with what their flush failed of. Its caller bounds what waits.
   *
   * @param lingerMs how long these may wait for others, at most the bounds' own
   */
  submit(units: readonly LogUnit[], lingerMs: number = this.bounds.lingerMs): Promise<void> {
    if (units.length === 0) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const rows = units.reduce((sum, unit) => sum + countRows(unit.rows), 0);
      const bytes = units.reduce((sum, unit) => sum + weightOf(unit), 0);
      const dueAtMs = this.nowMs() + Math.min(lingerMs, this.bounds.lingerMs);
      this.waiting.push({ units, rows, bytes, dueAtMs, resolve, reject });
      this.schedule();
    });
  }

  private schedule(): void {
    if (this.flushing || this.waiting.length === 0) return;
    clearTimeout(this.timer);
    const restMs = Math.min(...this.waiting.map(({ dueAtMs }) => dueAtMs)) - this.nowMs();
    if (restMs <= 0 || this.isFull()) return this.begin();
    this.timer = setTimeout(() => this.begin(), restMs);
  }

  private isFull(): boolean {
    let rows = 0;
    let bytes = 0;
    for (const batch of this.waiting) {
      rows += batch.rows;
      bytes += batch.bytes;
    }
    return rows >= this.bounds.maxRows || bytes >= this.bounds.maxBytes;
  }

  private begin(): void {
    this.flushing = true;
    const batches = this.take();
    void this.flush(batches.flatMap(({ units }) => units))
      .then(
        () => batches.forEach(({ resolve }) => resolve()),
        (error: unknown) => batches.forEach(({ reject }) => reject(error)),
      )
      .finally(() => {
        this.flushing = false;
        this.schedule();
      });
  }

  /** The oldest batches up to the bounds; one that is above them by itself goes alone. */
  private take(): WaitingBatch[] {
    let rows = 0;
    let bytes = 0;
    const end = this.waiting.findIndex((batch, index) => {
      rows += batch.rows;
      bytes += batch.bytes;
      return index > 0 && (rows > this.bounds.maxRows || bytes > this.bounds.maxBytes);
    });
    return this.waiting.splice(0, end === -1 ? this.waiting.length : end);
  }
}
