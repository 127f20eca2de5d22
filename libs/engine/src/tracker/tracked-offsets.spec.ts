import { describe, expect, it } from '@jest/globals';
import { TrackedOffsets, type StoredOffset } from './tracked-offsets.js';
import { TrackerTable } from './tracker-table.js';

const P0 = { topic: 'deliveries', partition: 0 };

function aGroup(stored: readonly StoredOffset[] = []) {
  const trackers = new TrackerTable();
  const commits: number[][] = [];
  const refusals: unknown[] = [];
  const state = { refuse: false, gate: Promise.resolve() };
  const group = {
    committed: () => Promise.resolve(stored),
    commit: async (offsets: readonly { offset: number }[]) => {
      await state.gate;
      if (state.refuse) throw new Error('refused');
      commits.push(offsets.map(({ offset }) => offset));
    },
  };
  const offsets = new TrackedOffsets(trackers, group, (error) => refusals.push(error));
  return { trackers, offsets, commits, refusals, state };
}

describe('TrackedOffsets', () => {
  it('begins each partition where the group stands, or at its first record', async () => {
    const { trackers, offsets } = aGroup([{ ...P0, offset: 7, metadata: '' }]);
    await offsets.assign([P0, { ...P0, partition: 1 }]);
    expect(trackers.get(P0)?.tracker.nextOffset).toBe(7);
    expect(trackers.get({ ...P0, partition: 1 })?.tracker.nextOffset).toBe(0);
  });

  it('has one commit under way, and what finished meanwhile goes with the next', async () => {
    const { trackers, offsets, commits } = aGroup();
    await offsets.assign([P0]);
    const tracker = trackers.get(P0)?.tracker;
    tracker?.register(0);
    tracker?.register(1);
    tracker?.finish(0);
    offsets.tick();
    offsets.tick();
    tracker?.finish(1);
    await offsets.flush();
    expect(commits).toEqual([[1], [2]]);
  });

  it('commits again what was refused', async () => {
    const { trackers, offsets, commits, refusals, state } = aGroup();
    await offsets.assign([P0]);
    trackers.get(P0)?.tracker.register(0);
    trackers.get(P0)?.tracker.finish(0);
    state.refuse = true;
    await offsets.flush();
    expect([commits, refusals.length]).toEqual([[], 1]);
    state.refuse = false;
    await offsets.flush();
    expect(commits).toEqual([[1]]);
  });
});
