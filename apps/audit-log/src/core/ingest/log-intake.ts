import type { ConsumedRecord } from '@hookstream/contracts';
import { PoisonRecord } from '@hookstream/domain';
import type { DefectBudget } from './defect-budget.js';
import { FlushQueue, type FlushBounds } from './flush-queue.js';
import { countRows, type LogRows } from './log-rows.js';
import type { LogUnit } from './log-unit.js';
import type { PendingHold } from './pending-hold.js';
import { RowsRefused, writeUnits, type LogStore } from './write-units.js';

/** What one record adds to the log. @throws PoisonRecord when it can be none of its topic's records */
export type ReadRows = (record: ConsumedRecord) => LogRows;

/** A record the log cannot keep. */
export interface SetAsideRecord {
  readonly record: ConsumedRecord;
  readonly reason: string;
  /** For a person; never the payload. */
  readonly detail: string;
}

/** Where records go that the log cannot keep. Resolves when they are safe there. */
export interface SetAside {
  setAside(records: readonly SetAsideRecord[]): Promise<void>;
}

/** Records of one partition as they were fetched. */
export interface FetchedBatch {
  readonly records: readonly ConsumedRecord[];
  /** The end of the partition at the fetch, and the last offset of what was fetched. */
  readonly highWatermark: number;
  readonly lastOffset: number;
}

/** With more to be read waiting for nobody costs only time; what was fetched together still comes together. */
const LINGER_BEHIND_MS = 5;

export interface LogIntakeParts {
  readonly store: LogStore;
  readonly setAside: SetAside;
  readonly defects: DefectBudget;
  readonly bounds: FlushBounds;
  readonly hold: PendingHold;
}

/** Takes batches of records to the log. A batch is done when its rows are stored and what cannot be is set aside. */
export class LogIntake {
  private readonly queue: FlushQueue;

  constructor(private readonly parts: LogIntakeParts) {
    this.queue = new FlushQueue((units) => this.flush(units), parts.bounds);
  }

  /** @throws when the store, or the place for what it refuses, is away: nothing of the batch may be committed then */
  async take(batch: FetchedBatch, readRows: ReadRows): Promise<void> {
    const units = await this.unitsOf(batch, readRows);
    const isBehind = batch.lastOffset + 1 < batch.highWatermark;
    await (isBehind ? this.queue.submit(units, LINGER_BEHIND_MS) : this.queue.submit(units));
  }

  /**
   * Takes deliveries that were just routed: most are finished before their time is up, and what is finished is never
   * written as pending. The batch is done when the rest is stored.
   */
  async takePending(batch: FetchedBatch, readRows: ReadRows): Promise<void> {
    const units = await this.unitsOf(batch, readRows);
    await this.queue.submit(await this.parts.hold.wait(units), LINGER_BEHIND_MS);
  }

  /** What the records add; those that add nothing readable are safe elsewhere. */
  private async unitsOf({ records }: FetchedBatch, readRows: ReadRows): Promise<LogUnit[]> {
    const units: LogUnit[] = [];
    const poison: SetAsideRecord[] = [];
    for (const record of records) {
      const read = this.read(record, readRows);
      if ('reason' in read) poison.push(read);
      else if (countRows(read.rows) > 0) units.push(read);
    }
    if (poison.length > 0) await this.parts.setAside.setAside(poison);
    return units;
  }

  private read(record: ConsumedRecord, readRows: ReadRows): LogUnit | SetAsideRecord {
    try {
      return { record, rows: readRows(record) };
    } catch (error) {
      if (error instanceof PoisonRecord) return { record, reason: error.reason, detail: error.detail };
      return this.defect(record, error);
    }
  }

  private async flush(units: readonly LogUnit[]): Promise<void> {
    const refused = await writeUnits(units, this.parts.store);
    const refusedUnits = new Set(refused.map(({ unit }) => unit));
    for (const unit of units) {
      if (!refusedUnits.has(unit)) for (const row of unit.rows.deliveries) this.parts.hold.stored(row);
    }
    if (refused.length === 0) return;
    await this.parts.setAside.setAside(refused.map(({ unit, error }) => this.defect(unit.record, error)));
  }

  private defect(record: ConsumedRecord, error: unknown): SetAsideRecord {
    if (!this.parts.defects.spend()) throw new Error('too many records fail by our own fault', { cause: error });
    return { record, reason: 'defect', detail: detailOf(error) };
  }
}

/** Messages of other errors may quote what they stumbled over. */
function detailOf(error: unknown): string {
  if (error instanceof RowsRefused) return error.message;
  return error instanceof Error ? error.name : 'unknown error';
}
