import { describe, expect, it } from '@jest/globals';
import { MAX_METADATA_BYTES } from './commit-metadata.js';
import { PartitionTracker } from './partition-tracker.js';

const at = (offset: number, metadata = '') => ({ offset, metadata });

describe('PartitionTracker', () => {
  it('commits up to the first unfinished record, whatever finished behind it', () => {
    const tracker = new PartitionTracker(at(10));
    for (let offset = 10; offset < 20; offset += 1) tracker.register(offset);
    tracker.finish(11);
    tracker.finish(12);
    expect(tracker.commitPoint().offset).toBe(10);
    tracker.finish(10);
    expect(tracker.commitPoint().offset).toBe(13);
  });

  it('counts offsets that are skipped over as finished', () => {
    const tracker = new PartitionTracker(at(0));
    tracker.register(5);
    tracker.register(9);
    expect(tracker.commitPoint().offset).toBe(5);
    tracker.finish(5);
    expect(tracker.commitPoint().offset).toBe(9);
    tracker.finish(9);
    tracker.skipTo(12);
    expect(tracker.commitPoint()).toEqual(at(12));
  });

  it('drops what a rewind brings again, finished or not', () => {
    const tracker = new PartitionTracker(at(0));
    expect([tracker.register(0), tracker.register(1)]).toEqual(['new', 'new']);
    tracker.finish(1);
    expect([tracker.register(0), tracker.register(1), tracker.register(2)]).toEqual(['known', 'known', 'new']);
    expect(tracker.open).toBe(2);
  });

  it('is full when the window is, and takes more when its first record is finished', () => {
    const tracker = new PartitionTracker(at(0), 64);
    for (let offset = 0; offset < 64; offset += 1) expect(tracker.register(offset)).toBe('new');
    for (let offset = 1; offset < 64; offset += 1) tracker.finish(offset);
    expect(tracker.register(64)).toBe('full');
    tracker.finish(0);
    expect(tracker.commitPoint()).toEqual(at(64));
    expect(tracker.register(64)).toBe('new');
  });

  it('jumps over a gap wider than its window once nothing is open', () => {
    const tracker = new PartitionTracker(at(0), 64);
    tracker.register(0);
    expect(tracker.register(1_000)).toBe('full');
    expect(tracker.skipTo(1_000)).toBe(false);
    tracker.finish(0);
    expect(tracker.register(1_000)).toBe('new');
    expect(tracker.commitPoint()).toEqual(at(1_000));
  });

  it('skips what the previous owner had finished beyond its commit', () => {
    const before = new PartitionTracker(at(100));
    for (let offset = 100; offset < 110; offset += 1) before.register(offset);
    for (const offset of [101, 102, 105, 109]) before.finish(offset);
    const after = new PartitionTracker(before.commitPoint());
    const seen = Array.from({ length: 11 }, (_, index) => after.register(100 + index));
    expect(seen.map((registration) => (registration === 'finished' ? 'f' : 'n')).join('')).toBe('nffnnfnnnfn');
    expect(after.open).toBe(7);
  });

  it('passes on what it was told and has not read itself yet', () => {
    const first = new PartitionTracker(at(0));
    for (let offset = 0; offset < 10; offset += 1) first.register(offset);
    first.finish(7);
    const second = new PartitionTracker(first.commitPoint());
    second.register(0);
    second.register(1);
    second.finish(0);
    const third = new PartitionTracker(second.commitPoint());
    expect(Array.from({ length: 9 }, (_, index) => third.register(1 + index))[6]).toBe('finished');
  });

  it('keeps the metadata within what Kafka takes, however scattered the finished records are', () => {
    const tracker = new PartitionTracker(at(0));
    for (let offset = 0; offset < 100_000; offset += 1) tracker.register(offset);
    for (let offset = 1; offset < 100_000; offset += 2) tracker.finish(offset);
    const { metadata } = tracker.commitPoint();
    expect(Buffer.byteLength(metadata)).toBeLessThanOrEqual(MAX_METADATA_BYTES);
    const after = new PartitionTracker(at(0, metadata));
    expect([after.register(0), after.register(1), after.register(2)]).toEqual(['new', 'finished', 'new']);
  });

  it.each(['', 'other', '1.AAAA', '3.AAAA', '2.', '2.AAAA', '2.////////'])(
    'starts from the offset alone with metadata %j',
    (metadata) => {
      const tracker = new PartitionTracker(at(3, metadata));
      expect(tracker.register(3)).not.toBe('known');
      expect(tracker.commitPoint().offset).toBeGreaterThanOrEqual(3);
    },
  );

  it('says from where reports tell more than the commit: before the oldest one under way', () => {
    const tracker = new PartitionTracker(at(0));
    const reportsFrom = () => new PartitionTracker(tracker.commitPoint()).storedReportsFrom;
    for (let offset = 0; offset < 4; offset += 1) tracker.register(offset);
    expect(reportsFrom()).toBeUndefined();
    tracker.reportsRead(50);
    expect(reportsFrom()).toBe(50);
    tracker.reporting(1);
    tracker.reporting(2);
    tracker.finish(2, 57);
    expect(reportsFrom()).toBe(50);
    tracker.reporting(3);
    tracker.finish(1);
    expect(reportsFrom()).toBe(58);
    tracker.finish(3, 60);
    expect(reportsFrom()).toBe(61);
  });

  it('does not register what a report has settled, and never takes back what it has registered', () => {
    const tracker = new PartitionTracker(at(10), 64);
    expect([tracker.settle(9, 1), tracker.settle(11, 2), tracker.settle(11, 3), tracker.settle(74, 4)]).toEqual([
      false,
      true,
      false,
      false,
    ]);
    expect([tracker.register(10), tracker.register(11), tracker.register(12)]).toEqual(['new', 'finished', 'new']);
    expect(tracker.settle(12, 5)).toBe(false);
    expect(tracker.open).toBe(2);
    tracker.finish(10);
    expect(tracker.commitPoint().offset).toBe(12);
  });

  it('lets the next owner read from where the metadata has no room for the finished offsets', () => {
    const tracker = new PartitionTracker(at(0));
    tracker.reportsRead(0);
    for (let offset = 0; offset < 20_000; offset += 1) tracker.register(offset);
    let report = 0;
    for (let offset = 1; offset < 20_000; offset += 2) {
      tracker.reporting(offset);
      tracker.finish(offset, report);
      report += 1;
    }
    const after = new PartitionTracker(tracker.commitPoint());
    const from = after.storedReportsFrom ?? 0;
    expect(from).toBeGreaterThan(0);
    for (let position = from; position < report; position += 1) after.settle(position * 2 + 1, position);
    const seen = Array.from({ length: 20_000 }, (_, offset) => after.register(offset));
    expect(seen.every((registration, offset) => registration === (offset % 2 === 1 ? 'finished' : 'new'))).toBe(true);
  });

  it('says by its changes whether there is something to commit', () => {
    const tracker = new PartitionTracker(at(0));
    tracker.register(0);
    tracker.register(1);
    const before = tracker.changes;
    tracker.finish(1);
    expect(tracker.changes).toBeGreaterThan(before);
    const after = tracker.changes;
    tracker.finish(1);
    tracker.register(2);
    expect(tracker.changes).toBe(after);
  });
});
