import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DEFAULT_LANE_LIMITS, Lanes, type LaneItem, type LaneLimits, type LaneView } from './lanes.js';

interface Item extends LaneItem {
  readonly name: string;
}

const item = (lane: string, name = lane, bytes = 1, group = 'org'): Item => ({ lane, group, name, bytes });
const upTo = (concurrency: number) => ({ admits: ({ inFlight }: LaneView) => inFlight < concurrency });
const withLimits = (limits: Partial<LaneLimits>, concurrency = 64) =>
  new Lanes<Item>(upTo(concurrency), { ...DEFAULT_LANE_LIMITS, ...limits });

function startAll(lanes: Lanes<Item>): string[] {
  const names: string[] = [];
  for (let next = lanes.next(); next; next = lanes.next()) names.push(next.name);
  return names;
}

describe('Lanes', () => {
  it('lets lanes take turns, however long their queues', () => {
    const lanes = withLimits({});
    for (const name of ['a1', 'a2', 'a3', 'a4']) lanes.enqueue(item('a', name));
    lanes.enqueue(item('b', 'b1'));
    lanes.enqueue(item('c', 'c1'));
    expect(startAll(lanes)).toEqual(['a1', 'b1', 'c1', 'a2', 'a3', 'a4']);
  });

  it('lets organizations take turns, however many lanes they have', () => {
    const lanes = withLimits({});
    for (const name of ['a1', 'a2', 'a3']) lanes.enqueue(item(name, name, 1, 'many'));
    for (const name of ['b1', 'b2']) lanes.enqueue(item('b', name, 1, 'one'));
    expect(startAll(lanes)).toEqual(['a1', 'b1', 'a2', 'b2', 'a3']);
  });

  it('starts as many as before beside those that have places apart', () => {
    const admission = { admits: () => true, apart: 0 };
    const lanes = new Lanes<Item>(admission, { ...DEFAULT_LANE_LIMITS, inFlight: 2, unsettled: 2 });
    for (const name of ['a', 'b', 'c', 'd']) lanes.enqueue(item(name));
    expect(startAll(lanes)).toEqual(['a', 'b']);
    admission.apart = 1;
    expect(startAll(lanes)).toEqual(['c']);
  });

  it('asks a refused lane again when it is woken', () => {
    let open = false;
    const lanes = new Lanes<Item>({ admits: () => open }, DEFAULT_LANE_LIMITS);
    lanes.enqueue(item('a', 'a1'));
    expect(startAll(lanes)).toEqual([]);
    open = true;
    expect(startAll(lanes)).toEqual([]);
    lanes.wake();
    expect(startAll(lanes)).toEqual(['a1']);
  });

  it('starts no more of a lane than it admits, and goes on when a response frees a place', () => {
    const lanes = withLimits({}, 2);
    const items = ['a1', 'a2', 'a3'].map((name) => item('a', name));
    for (const each of items) lanes.enqueue(each);
    expect(startAll(lanes)).toEqual(['a1', 'a2']);
    for (const each of items.slice(0, 1)) lanes.responded(each);
    expect(startAll(lanes)).toEqual(['a3']);
  });

  it('refuses a record above the limit of its lane while others still take theirs', () => {
    const lanes = withLimits({ laneRecords: 2, laneBytes: 100 });
    expect([lanes.enqueue(item('a')), lanes.enqueue(item('a')), lanes.enqueue(item('a'))]).toEqual([
      'queued',
      'queued',
      'lane-full',
    ]);
    expect(lanes.enqueue(item('b', 'big', 1_000))).toBe('queued');
    expect(lanes.enqueue(item('b', 'next', 1))).toBe('lane-full');
  });

  it('refuses everything above the bytes of all lanes until something is settled', () => {
    const lanes = withLimits({ bytes: 10 });
    lanes.enqueue(item('a', 'a', 8));
    expect(lanes.enqueue(item('b', 'b', 3))).toBe('full');
    const started = lanes.next();
    if (started) lanes.responded(started);
    expect(lanes.enqueue(item('b', 'b', 3))).toBe('full');
    if (started) lanes.settled(started);
    expect(lanes.enqueue(item('b', 'b', 3))).toBe('queued');
  });

  it('starts nothing more while too many answered requests wait for their effects', () => {
    const lanes = withLimits({ unsettled: 1 });
    lanes.enqueue(item('a', 'a1'));
    lanes.enqueue(item('a', 'a2'));
    const first = lanes.next();
    if (first) lanes.responded(first);
    expect(lanes.next()).toBeUndefined();
    if (first) lanes.settled(first);
    expect(lanes.next()?.name).toBe('a2');
  });

  it('drops what waits for a lost partition, and only that', () => {
    const lanes = withLimits({}, 1);
    for (const name of ['lost1', 'kept', 'lost2']) lanes.enqueue(item('a', name));
    expect(lanes.drop(({ name }) => name.startsWith('lost'))).toBe(2);
    expect(startAll(lanes)).toEqual(['kept']);
    expect(lanes.bytes).toBe(1);
  });

  it('keeps every limit, starts each queued item once and ends with nothing held, whatever happens when', () => {
    const limits: LaneLimits = { laneRecords: 3, laneBytes: 12, inFlight: 4, unsettled: 6, bytes: 40 };
    const step = fc.record({
      kind: fc.constantFrom('enqueue', 'next', 'next', 'responded', 'settled'),
      lane: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
      bytes: fc.integer({ min: 1, max: 8 }),
      pick: fc.nat(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        const lanes = new Lanes<Item>(upTo(2), limits);
        const waiting = new Set<Item>();
        const running: Item[] = [];
        const settling: Item[] = [];
        const advance = (from: Item[], pick: number) => (from.length > 0 ? from.splice(pick % from.length, 1) : []);
        const next = () => {
          const started = lanes.next();
          if (!started) return false;
          expect(waiting.delete(started)).toBe(true);
          running.push(started);
          return true;
        };
        const respond = (pick: number) => {
          for (const each of advance(running, pick)) {
            lanes.responded(each);
            settling.push(each);
          }
        };
        const settle = (pick: number) => {
          for (const each of advance(settling, pick)) lanes.settled(each);
        };
        for (const { kind, lane, bytes, pick } of steps) {
          const fresh = item(lane, 'x', bytes);
          if (kind === 'enqueue' && lanes.enqueue(fresh) === 'queued') waiting.add(fresh);
          if (kind === 'next') next();
          if (kind === 'responded') respond(pick);
          if (kind === 'settled') settle(pick);
          const all = [...waiting, ...running, ...settling];
          expect(lanes.bytes).toBe(all.reduce((sum, each) => sum + each.bytes, 0));
          expect(lanes.bytes).toBeLessThanOrEqual(limits.bytes);
          expect(running.length).toBeLessThanOrEqual(limits.inFlight);
          expect(running.filter((each) => each.lane === lane).length).toBeLessThanOrEqual(2);
          expect(lanes.unsettled).toBeLessThanOrEqual(limits.unsettled);
        }
        while (waiting.size + running.length + settling.length > 0) {
          const progressed = next() || running.length + settling.length > 0;
          expect(progressed).toBe(true);
          respond(0);
          settle(0);
        }
        expect([lanes.bytes, lanes.queued, lanes.inFlight, lanes.unsettled]).toEqual([0, 0, 0, 0]);
      }),
    );
  });
});
