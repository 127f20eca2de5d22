import { describe, expect, it } from '@jest/globals';
import { TrackerTable } from './tracker-table.js';

const P0 = { topic: 'deliveries', partition: 0 };
const P1 = { topic: 'deliveries', partition: 1 };

describe('TrackerTable', () => {
  it('commits what has changed, once it was acknowledged no more', () => {
    const table = new TrackerTable();
    const owner = table.assign(P0, { offset: 5, metadata: '' });
    table.assign(P1, undefined);
    owner.tracker.register(5);
    expect(table.dueCommits()).toEqual([]);
    owner.tracker.finish(5);
    const [due] = table.dueCommits();
    expect(due).toMatchObject({ ...P0, offset: 6 });
    expect(table.dueCommits()).toHaveLength(1);
    due?.acknowledge();
    expect(table.dueCommits()).toEqual([]);
  });

  it('keeps a change that came while the commit was under way', () => {
    const table = new TrackerTable();
    const { tracker } = table.assign(P0, undefined);
    tracker.register(0);
    tracker.register(1);
    tracker.finish(0);
    const [due] = table.dueCommits();
    tracker.finish(1);
    due?.acknowledge();
    expect(table.dueCommits()).toMatchObject([{ offset: 2 }]);
  });

  it('commits nothing for a lost partition, and starts afresh when it comes back', () => {
    const table = new TrackerTable();
    const before = table.assign(P0, undefined);
    before.tracker.register(0);
    table.revoke(P0);
    before.tracker.finish(0);
    expect(before.lost).toBe(true);
    expect(table.dueCommits()).toEqual([]);
    const after = table.assign(P0, { offset: 0, metadata: '' });
    expect(after.lost).toBe(false);
    expect(after.tracker.register(0)).toBe('new');
  });
});
