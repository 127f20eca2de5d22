import { describe, expect, it } from '@jest/globals';
import { PartitionLog } from './partition-log.js';

const LIMITS = { maxRecords: 100, maxBytes: 1_000_000 };
const aRecord = (key: string) => ({ timestamp: 0, key: Buffer.from(key), value: Buffer.from('v'), headers: {} });

function logOf(...keys: string[]): PartitionLog {
  const log = new PartitionLog('t', 0);
  log.append(keys.map(aRecord));
  return log;
}

describe('PartitionLog', () => {
  it('counts a hole as read with the records before it', () => {
    const log = logOf('a');
    log.leaveHole(2);
    log.append([aRecord('b')]);
    expect(log.read(0, { ...LIMITS, maxRecords: 1 })).toMatchObject({
      firstOffset: 0,
      lastOffset: 2,
      highWatermark: 4,
    });
    expect(log.read(1, LIMITS)).toMatchObject({ firstOffset: 1, lastOffset: 3 });
  });

  it('keeps the last of each key when it is compacted, at its offset', () => {
    const log = logOf('a', 'b', 'a');
    log.compact();
    expect(log.read(0, LIMITS).records.map(({ offset }) => offset)).toEqual([1, 2]);
  });

  it('refuses offsets before its start and after its end', () => {
    const log = logOf('a', 'b');
    log.trim(1);
    expect(() => log.read(0, LIMITS)).toThrow('OFFSET_OUT_OF_RANGE');
    expect(() => log.read(3, LIMITS)).toThrow('OFFSET_OUT_OF_RANGE');
    expect(log.read(2, LIMITS)).toMatchObject({ records: [], lastOffset: 1 });
  });

  it('brings at least one record, however few bytes are wanted', () => {
    expect(logOf('a', 'b').read(0, { ...LIMITS, maxBytes: 1 }).records).toHaveLength(1);
  });
});
