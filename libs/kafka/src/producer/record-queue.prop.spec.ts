import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type PendingRecord } from './pending-record.js';
import { RecordQueue } from './record-queue.js';

const pending = (bytes: number): PendingRecord => ({
  record: { topic: 't', key: null, value: null },
  bytes,
  acknowledge: () => undefined,
  reject: () => undefined,
});

describe('the queue of a producer', () => {
  it('cuts all records into batches in order, none above a limit unless it is one record alone', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 200 })),
        fc.integer({ min: 1, max: 20 }),
        (sizes, maxBatchRecords) => {
          const queue = new RecordQueue({ maxBatchRecords, maxBatchBytes: 100 });
          const records = sizes.map(pending);
          for (const record of records) queue.push(record);
          const batches: (readonly PendingRecord[])[] = [];
          while (!queue.isEmpty) batches.push(queue.cut());
          expect(batches.flat()).toEqual(records);
          expect(queue.isFull).toBe(false);
          for (const batch of batches) {
            expect(batch.length).toBeLessThanOrEqual(maxBatchRecords);
            const bytes = batch.reduce((sum, record) => sum + record.bytes, 0);
            expect(batch.length === 1 || bytes <= 100).toBe(true);
          }
        },
      ),
    );
  });
});
