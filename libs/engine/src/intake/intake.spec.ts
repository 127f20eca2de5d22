import { describe, expect, it } from '@jest/globals';
import type { ConsumedRecord } from '@hookstream/contracts';
import fc from 'fast-check';
import { DEFAULT_LANE_LIMITS, Lanes, type LaneLimits, type LaneView } from '../lanes/lanes.js';
import { TrackerTable, type OwnedPartition } from '../tracker/tracker-table.js';
import { DEFAULT_INTAKE_LIMITS, Intake, type IntakeLimits, type TrackedItem } from './intake.js';

const TOPIC = 'deliveries';
const P0 = { topic: TOPIC, partition: 0 };

const record = (offset: number, lane: string, id = `dlv_${offset}`): ConsumedRecord => ({
  topic: TOPIC,
  partition: 0,
  offset,
  timestamp: 0,
  key: Buffer.from(lane),
  value: Buffer.from(id),
  headers: {},
});

interface Setting {
  readonly lanes?: Partial<LaneLimits>;
  readonly intake?: Partial<IntakeLimits>;
  readonly concurrency?: number;
  readonly window?: number;
  /** An item with as many before it is diverted. */
  readonly staysBehind?: number;
}

class Bench {
  readonly trackers: TrackerTable;
  readonly lanes: Lanes<TrackedItem>;
  readonly intake: Intake<TrackedItem>;
  readonly paused = new Set<number>();
  readonly started: number[] = [];
  readonly running: TrackedItem[] = [];
  readonly diverting: TrackedItem[] = [];

  constructor({ lanes, intake, concurrency = 64, window = 100_000, staysBehind = Infinity }: Setting = {}) {
    this.trackers = new TrackerTable({ window, handledKeys: 100 });
    const admission = { admits: ({ inFlight }: LaneView) => inFlight < concurrency };
    this.lanes = new Lanes<TrackedItem>(admission, { ...DEFAULT_LANE_LIMITS, ...lanes });
    const ports = {
      decode: (from: ConsumedRecord, owner: OwnedPartition) => ({
        item: { lane: String(from.key), group: 'org', bytes: 10, owner, offset: from.offset },
        key: { id: `dlv_${String(from.value)}` as const, run: '0', attempt: 1, hops: 0 },
      }),
      pause: ({ partition }: { partition: number }) => this.paused.add(partition),
      resume: ({ partition }: { partition: number }) => this.paused.delete(partition),
      stays: (_: TrackedItem, ahead: number) => ahead < staysBehind,
      divert: (item: TrackedItem) => this.diverting.push(item),
      now: () => 0,
    };
    this.intake = new Intake(this.trackers, this.lanes, ports, { ...DEFAULT_INTAKE_LIMITS, ...intake });
  }

  fetch(records: readonly ConsumedRecord[], more: { lastOffset?: number; highWatermark?: number } = {}): void {
    const firstOffset = records[0]?.offset ?? 0;
    const lastOffset = more.lastOffset ?? records.at(-1)?.offset ?? firstOffset;
    this.intake.accept({
      ...P0,
      records,
      firstOffset,
      lastOffset,
      highWatermark: more.highWatermark ?? lastOffset + 1,
    });
  }

  start(): void {
    for (let item = this.lanes.next(); item; item = this.lanes.next()) {
      this.started.push(item.offset);
      this.running.push(item);
      this.intake.started(item.lane);
    }
  }

  finish(index = 0): void {
    for (const item of this.running.splice(index, 1)) {
      this.lanes.responded(item);
      item.owner.tracker.finish(item.offset);
      this.lanes.settled(item);
      this.intake.settled();
    }
  }
}

const offsets = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);

describe('Intake', () => {
  it('holds back only the records of a full lane; those of others behind them go on', () => {
    const bench = new Bench({ lanes: { laneRecords: 2 }, concurrency: 1 });
    bench.trackers.assign(P0, undefined);
    bench.fetch([...offsets(0, 5).map((offset) => record(offset, 'slow')), record(5, 'fast')]);
    bench.start();
    expect(bench.started).toEqual([0, 5]);
    expect(bench.paused.size).toBe(0);
  });

  it('pauses the partition when it holds too much, and resumes it when it does no more', () => {
    const bench = new Bench({ lanes: { laneRecords: 1 }, intake: { heldRecords: 2 }, concurrency: 1 });
    bench.trackers.assign(P0, undefined);
    bench.fetch(offsets(0, 5).map((offset) => record(offset, 'slow')));
    expect(bench.paused).toEqual(new Set([0]));
    bench.start();
    bench.finish();
    bench.start();
    expect(bench.paused.size).toBe(0);
  });

  it('drops a repeat of work it has seen, and commits past it', () => {
    const bench = new Bench();
    const { tracker } = bench.trackers.assign(P0, undefined);
    bench.fetch([record(0, 'a', 'x'), record(1, 'a', 'x')]);
    bench.start();
    expect(bench.started).toEqual([0]);
    expect(bench.intake.repeats).toBe(1);
    bench.finish();
    expect(tracker.commitPoint().offset).toBe(2);
  });

  it('commits to the end of what was fetched, records or none', () => {
    const bench = new Bench();
    const { tracker } = bench.trackers.assign(P0, undefined);
    bench.fetch([record(0, 'a')], { lastOffset: 3 });
    bench.start();
    bench.finish();
    expect(tracker.commitPoint().offset).toBe(4);
    bench.intake.skip({ ...P0, lastOffset: 9 });
    expect(tracker.commitPoint().offset).toBe(10);
  });

  it('forgets what waits of a lost partition, and resumes it for its next owner', () => {
    const bench = new Bench({ lanes: { laneRecords: 1 }, intake: { heldRecords: 1 }, concurrency: 1 });
    const owner = bench.trackers.assign(P0, undefined);
    bench.fetch(offsets(0, 6).map((offset) => record(offset, 'a')));
    bench.start();
    bench.trackers.revoke(P0);
    bench.intake.drop(owner);
    bench.finish();
    bench.start();
    expect(bench.started).toEqual([0]);
    expect(bench.paused.size).toBe(0);
    expect(bench.lanes.bytes).toBe(0);
  });

  it('reads a log from its start that was made anew under the same name', () => {
    const bench = new Bench();
    bench.trackers.assign(P0, { offset: 1_000, metadata: '' });
    bench.fetch([record(0, 'a'), record(1, 'a')], { highWatermark: 2 });
    bench.start();
    expect(bench.started).toEqual([0, 1]);
  });

  it('diverts at once what would wait too long, and counts it as held until it is where it was sent', () => {
    const bench = new Bench({ lanes: { laneRecords: 1 }, intake: { heldRecords: 1 }, concurrency: 1, staysBehind: 2 });
    bench.trackers.assign(P0, undefined);
    bench.fetch(offsets(0, 4).map((offset) => record(offset, 'slow')));
    expect(bench.diverting.map(({ offset }) => offset)).toEqual([2, 3]);
    expect(bench.paused.size).toBe(1);
    for (const item of bench.diverting) bench.intake.diverted(item);
    expect(bench.paused.size).toBe(0);
  });

  it('diverts the end of a lane, what is queued and what is held, and goes on with the rest', () => {
    const bench = new Bench({ lanes: { laneRecords: 3 }, concurrency: 1 });
    bench.trackers.assign(P0, undefined);
    bench.fetch(offsets(0, 6).map((offset) => record(offset, 'slow')));
    expect([...bench.intake.waiting()]).toEqual([{ lane: 'slow', waiting: 6, pausedMs: 0 }]);
    bench.intake.relieve('slow', 4);
    bench.intake.relieve('slow', 1);
    expect(bench.diverting.map(({ offset }) => offset)).toEqual([4, 5, 1, 2, 3]);
    for (const item of bench.diverting) bench.intake.diverted(item);
    bench.start();
    expect(bench.started).toEqual([0]);
    expect(bench.lanes.bytes).toBe(10);
  });

  it('starts or diverts every record exactly once and commits to the end, through every limit and any rewind', () => {
    const step = fc.record({
      kind: fc.constantFrom('fetch', 'fetch', 'start', 'finish', 'rewind', 'relieve', 'diverted'),
      count: fc.integer({ min: 1, max: 12 }),
      pick: fc.nat(),
    });
    const lane = fc.constantFrom('a', 'a', 'a', 'b', 'c');
    fc.assert(
      fc.property(
        fc.array(lane, { minLength: 120, maxLength: 120 }),
        fc.array(step, { maxLength: 200 }),
        fc.integer({ min: 2, max: 12 }),
        (log, steps, staysBehind) => {
          const bench = new Bench({
            lanes: { laneRecords: 2, inFlight: 4, bytes: 80 },
            intake: { heldRecords: 4 },
            concurrency: 2,
            window: 32,
            staysBehind,
          });
          const diverted: number[] = [];
          const divertAll = () => {
            for (const item of bench.diverting.splice(0)) {
              diverted.push(item.offset);
              item.owner.tracker.finish(item.offset);
              bench.intake.diverted(item);
              bench.intake.settled();
            }
          };
          const { tracker } = bench.trackers.assign(P0, undefined);
          let position = 0;
          const fetch = (count: number) => {
            if (bench.paused.size > 0 || position >= log.length) return;
            const end = Math.min(log.length, position + count);
            bench.fetch(
              offsets(position, end).map((offset) => record(offset, log[offset] ?? 'a')),
              { highWatermark: log.length },
            );
            position = end;
          };
          for (const { kind, count, pick } of steps) {
            if (kind === 'fetch') fetch(count);
            if (kind === 'start') bench.start();
            if (kind === 'finish' && bench.running.length > 0) bench.finish(pick % bench.running.length);
            if (kind === 'relieve') bench.intake.relieve('a', pick % 5);
            if (kind === 'diverted') divertAll();
            if (kind === 'rewind') position = tracker.commitPoint().offset;
          }
          for (let round = 0; round < 1_000 && tracker.commitPoint().offset < log.length; round += 1) {
            fetch(7);
            bench.start();
            bench.finish();
            divertAll();
          }
          expect(tracker.commitPoint().offset).toBe(log.length);
          expect([...bench.started, ...diverted].sort((a, b) => a - b)).toEqual(offsets(0, log.length));
          expect(bench.lanes.bytes).toBe(0);
        },
      ),
    );
  });
});
