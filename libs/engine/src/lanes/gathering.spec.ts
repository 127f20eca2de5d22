import { describe, expect, it } from '@jest/globals';
import type { BatchBounds } from './gathering.js';
import { DEFAULT_LANE_LIMITS, Lanes, type LaneItem, type LaneView } from './lanes.js';

interface Item extends LaneItem {
  readonly name: string;
  readonly most?: number;
}

class Several implements LaneItem {
  readonly lane = 'a';
  readonly group = 'org';
  readonly bytes: number;

  constructor(readonly items: readonly Item[]) {
    this.bytes = items.reduce((sum, { bytes }) => sum + bytes, 0);
  }
}

const item = (name: string, part: Partial<Item> = {}): Item => ({ lane: 'a', group: 'org', name, bytes: 11, ...part });

/** Lane `a` gathers, others do not; each item has 10 bytes of overhead. */
function aBed(bounds: Partial<BatchBounds> = {}, concurrency = 64, laneRecords = 200) {
  const state = { nowMs: 0, bounds: { maxEntries: 3, maxWaitMs: 1_000, maxBytes: 1_000, ...bounds } };
  const lanes = new Lanes<Item, Several>(
    { admits: ({ inFlight }: LaneView) => inFlight < concurrency },
    { ...DEFAULT_LANE_LIMITS, laneRecords },
    {
      boundsOf: (lane) => (lane === 'a' ? state.bounds : undefined),
      mostWith: ({ most = Infinity }) => most,
      overheadBytes: 10,
      together: (items) => new Several(items),
      now: () => state.nowMs,
    },
  );
  const started: (Item | Several)[] = [];
  const start = () => {
    lanes.wake();
    const names: string[] = [];
    for (let next = lanes.next(); next; next = lanes.next()) {
      started.push(next);
      names.push(next instanceof Several ? next.items.map(({ name }) => name).join('+') : next.name);
    }
    return names;
  };
  const enqueue = (...names: string[]) => names.map((name) => lanes.enqueue(item(name)));
  return { lanes, state, start, started, enqueue };
}

describe('A lane that gathers', () => {
  it('starts its items together as soon as they are as many as go in one batch', () => {
    const { start, enqueue, lanes } = aBed();
    enqueue('1', '2');
    expect(start()).toEqual([]);
    enqueue('3', '4', '5', '6', '7');
    expect(start()).toEqual(['1+2+3', '4+5+6']);
    expect([lanes.inFlight, lanes.unsettled, lanes.queued]).toEqual([2, 2, 1]);
  });

  it('starts what there is when the first has waited long enough', () => {
    const { start, enqueue, state } = aBed();
    enqueue('1');
    expect(start()).toEqual([]);
    state.nowMs = 999;
    enqueue('2');
    expect(start()).toEqual([]);
    state.nowMs = 1_000;
    expect(start()).toEqual(['1+2']);
    enqueue('3');
    expect(start()).toEqual([]);
    state.nowMs = 2_000;
    expect(start()).toEqual(['3']);
  });

  it('starts at once what there is where it does not wait, and gathers what comes while it has no place', () => {
    const { start, enqueue, lanes, started } = aBed({ maxWaitMs: 0 }, 1);
    enqueue('1');
    expect(start()).toEqual(['1']);
    enqueue('2', '3');
    expect(start()).toEqual([]);
    for (const batch of started) lanes.responded(batch);
    expect(start()).toEqual(['2+3']);
  });

  it('puts no more data into a batch than it may have, and a larger item alone', () => {
    const { start, lanes } = aBed({ maxEntries: 10, maxBytes: 100, maxWaitMs: 0 });
    for (const [name, bytes] of [
      ['1', 70],
      ['2', 50],
      ['3', 70],
      ['4', 500],
      ['5', 11],
    ] as const) {
      lanes.enqueue(item(name, { bytes }));
    }
    expect(start()).toEqual(['1+2', '3', '4', '5']);
  });

  it('is full by its bytes too', () => {
    const { start, lanes } = aBed({ maxEntries: 10, maxBytes: 100 });
    lanes.enqueue(item('1', { bytes: 60 }));
    expect(start()).toEqual([]);
    lanes.enqueue(item('2', { bytes: 60 }));
    expect(start()).toEqual(['1+2']);
  });

  it('puts an item that is to be with few into a batch of few, before it and behind it', () => {
    const { start, lanes, enqueue } = aBed({ maxEntries: 4, maxWaitMs: 0 });
    enqueue('1');
    lanes.enqueue(item('2', { most: 2 }));
    enqueue('3');
    lanes.enqueue(item('4', { most: 0 }));
    enqueue('5', '6', '7');
    expect(start()).toEqual(['1+2', '3', '4', '5+6+7']);
  });

  it('takes as many as a batch may have, where that is more than other lanes take', () => {
    const { enqueue } = aBed({ maxEntries: 4 }, 64, 2);
    expect(enqueue('1', '2', '3', '4', '5')).toEqual(['queued', 'queued', 'queued', 'queued', 'lane-full']);
  });

  it('frees all memory of a batch when that is settled', () => {
    const { start, lanes, started, enqueue } = aBed({ maxWaitMs: 0 });
    enqueue('1', '2');
    expect(lanes.bytes).toBe(22);
    expect(start()).toHaveLength(1);
    for (const batch of started) {
      lanes.responded(batch);
      lanes.settled(batch);
    }
    expect([lanes.bytes, lanes.inFlight, lanes.unsettled]).toEqual([0, 0, 0]);
  });

  it('changes nothing for lanes that do not', () => {
    const { start, lanes, enqueue } = aBed();
    enqueue('1');
    lanes.enqueue(item('b', { lane: 'b' }));
    expect(start()).toEqual(['b']);
  });
});
