import { describe, expect, it } from '@jest/globals';
import { eventually } from '@hookstream/testing';
import { TopicContents } from './kafka/topic-contents.js';
import { RelayDuties, type RelayDutiesParts } from './relay-duties.js';

const HELD = { kind: 'organization', id: 'org_a', version: 1, name: 'a', externalId: null } as const;

function leading(more: Partial<RelayDutiesParts> = {}) {
  const contents = new TopicContents();
  const value = Buffer.from(JSON.stringify(HELD));
  contents.onRecord(
    { topic: 'config', partition: 0, offset: 3, timestamp: 0, key: Buffer.from(HELD.id), value, headers: {} },
    HELD,
  );
  const done: string[] = [];
  const told: unknown[] = [];
  const start = new Map([[0, 0]]);
  const clock = { nowMs: 0 };
  const note = (what: string) => Promise.resolve(void done.push(what));
  const stopping = new AbortController();
  const duties = new RelayDuties({
    contents,
    outbox: {
      publish: () => note('publish'),
      again: (ids) => note(`again ${ids.join()}`),
      bury: () => note('bury'),
      waiting: () => Promise.resolve({ documents: 2, oldestChangeMs: null }),
    },
    reconcile: async () => {
      await note('reconcile');
      const differences = { missing: 0, behind: 0, different: 0, ahead: 0, unknown: 0 };
      return { documents: 1, differences, unknown: [] };
    },
    startOffsets: () => Promise.resolve(start),
    reconcileEveryMs: 600_000,
    nowMs: () => clock.nowMs,
    observer: { onWaiting: (waiting) => void told.push(waiting), onReconciled: () => undefined },
    pollMs: 1,
    ...more,
  });
  const over = duties.lead(stopping.signal);
  const times = (what: string) => done.filter((each) => each === what).length;
  const stop = async () => {
    stopping.abort();
    await over;
  };
  return { contents, value, start, clock, done, told, times, stop, over };
}

describe('the leader of the relay', () => {
  it('publishes what waits, compares the topic with the database, and does so again after the interval', async () => {
    const { clock, done, told, times, stop } = leading();
    await eventually(() => expect(times('publish')).toBeGreaterThan(4));
    expect(done.slice(0, 4)).toEqual(['bury', 'publish', 'reconcile', 'publish']);
    expect(times('reconcile')).toBe(1);
    expect(told[0]).toEqual({ documents: 2, oldestChangeMs: null });
    clock.nowMs = 600_000;
    await eventually(() => expect(times('reconcile')).toBe(2));
    await stop();
  });

  it('publishes again what an older version was written over', async () => {
    const { contents, value, times, stop } = leading();
    const record = { topic: 'config', partition: 0, timestamp: 0, key: Buffer.from(HELD.id), value, headers: {} };
    contents.onRecord({ ...record, offset: 4 }, { ...HELD, version: 3 });
    contents.onRecord({ ...record, offset: 5 }, { ...HELD, version: 2 });
    await eventually(() => expect(times('again org_a')).toBe(1));
    await stop();
  });

  it('compares at once when the topic was emptied, and when it begins behind what it held', async () => {
    const { contents, start, clock, times, stop } = leading();
    await eventually(() => expect(times('reconcile')).toBe(1));
    start.set(0, 4);
    clock.nowMs = 5_000;
    await eventually(() => expect(times('reconcile')).toBe(2));
    contents.onEmptied();
    await eventually(() => expect(times('reconcile')).toBe(3));
    await stop();
  });

  it('gives the lead away when it cannot', async () => {
    const { over } = leading({ startOffsets: () => Promise.reject(new Error('the broker is away')) });
    await expect(over).rejects.toThrow('the broker is away');
  });
});
