import { describe, expect, it } from '@jest/globals';
import type { ConsumedRecord } from '@hookstream/contracts';
import { PoisonRecord } from '@hookstream/domain';
import { recordWith } from '../../../test/support/arbitrary-histories.js';
import { anEvent, anOccurrence, T0 } from '../../../test/support/records.js';
import { DefectBudget } from './defect-budget.js';
import { LogIntake, type SetAsideRecord } from './log-intake.js';
import { PendingHold } from './pending-hold.js';
import { NO_ROWS, type LogRows } from './log-rows.js';
import { rowsOfEvent } from './rows-of-record.js';
import { RowsRefused, type LogStore } from './write-units.js';

const BOUNDS = { lingerMs: 0, maxRows: 100, maxBytes: 1_000_000 };
const HOLD = { holdMs: 50, maxHeld: 100 };
const records = [0, 1, 2].map(recordWith);
const batchOf = (list: readonly ConsumedRecord[]) => ({ records: list, lastOffset: 2, highWatermark: 3 });
const rowsOf = ({ offset }: ConsumedRecord) => rowsOfEvent(anOccurrence(anEvent(offset)), { timestamp: T0 });

function intakeOver(store: LogStore, allowance = 100) {
  const aside: SetAsideRecord[] = [];
  const setAside = { setAside: (given: readonly SetAsideRecord[]) => Promise.resolve(void aside.push(...given)) };
  const defects = new DefectBudget(allowance, 60_000, () => 0);
  return { intake: new LogIntake({ store, setAside, defects, hold: new PendingHold(HOLD), bounds: BOUNDS }), aside };
}

function memoryStore(refuses: (rows: LogRows) => boolean = () => false) {
  const stored: string[] = [];
  const write = (rows: LogRows) => {
    if (refuses(rows)) return Promise.reject(new RowsRefused('the database refuses it with SQLSTATE 22003'));
    return Promise.resolve(void stored.push(...rows.events.map(({ attributes }) => attributes.id)));
  };
  return { store: { write }, stored };
}

describe('the intake of the log', () => {
  it('sets a poison record aside with its reason and stores the others', async () => {
    const { store, stored } = memoryStore();
    const { intake, aside } = intakeOver(store);
    await intake.take(batchOf(records), (record) => {
      if (record.offset === 1) throw new PoisonRecord('undecodable', 'not JSON');
      return rowsOf(record);
    });
    expect(stored).toHaveLength(2);
    expect(aside).toEqual([{ record: records[1], reason: 'undecodable', detail: 'not JSON' }]);
  });

  it('sets a record aside as a defect that the store refuses', async () => {
    const bad = anEvent(2).id;
    const { store, stored } = memoryStore((rows) => rows.events.some(({ attributes }) => attributes.id === bad));
    const { intake, aside } = intakeOver(store);
    await intake.take(batchOf(records), rowsOf);
    expect(stored).toHaveLength(2);
    expect(aside).toMatchObject([{ record: records[2], reason: 'defect' }]);
  });

  it('sets a record aside that our own code fails on, and quotes nothing of it', async () => {
    const { intake, aside } = intakeOver(memoryStore().store);
    await intake.take(batchOf(records.slice(0, 1)), () => {
      throw new TypeError('cannot read "secret payload"');
    });
    expect(aside).toMatchObject([{ reason: 'defect', detail: 'TypeError' }]);
  });

  it('stops instead of setting a whole topic aside', async () => {
    const { intake, aside } = intakeOver(memoryStore().store, 2);
    const failing = intake.take(batchOf(records), () => {
      throw new TypeError('always');
    });
    await expect(failing).rejects.toThrow('too many records');
    expect(aside).toEqual([]);
  });

  it('fails the batch when the store is away, so that its offset is not committed', async () => {
    const { intake } = intakeOver({ write: () => Promise.reject(new Error('connection refused')) });
    await expect(intake.take(batchOf(records), rowsOf)).rejects.toThrow('connection refused');
  });

  it('is done at once with records that add nothing', async () => {
    const { intake } = intakeOver({ write: () => Promise.reject(new Error('not called')) });
    await expect(intake.take(batchOf(records), () => NO_ROWS)).resolves.toBeUndefined();
  });
});
