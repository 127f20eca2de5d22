import { describe, expect, it } from '@jest/globals';
import { NewestRuns } from './newest-runs.js';

const first = { run: '0', runStartedAtMs: 5_000 };
const replay = { run: 'run_a', runStartedAtMs: 2_000 };
const later = { run: 'run_b', runStartedAtMs: 3_000 };

describe('the newest run', () => {
  it('supersedes the first, whatever the clocks say, and older replays', () => {
    const runs = new NewestRuns();
    runs.note('dlv_1', replay);
    expect(runs.supersedes('dlv_1', first)).toBe(true);
    expect(runs.supersedes('dlv_1', replay)).toBe(false);
    runs.note('dlv_1', later);
    expect(runs.supersedes('dlv_1', replay)).toBe(true);
    runs.note('dlv_1', replay);
    expect(runs.supersedes('dlv_1', later)).toBe(false);
    expect(runs.supersedes('dlv_2', first)).toBe(false);
  });

  it('is one of two that began in one millisecond, whichever came first', () => {
    const twin = { ...replay, run: 'run_z' };
    for (const order of [[replay, twin] as const, [twin, replay] as const]) {
      const runs = new NewestRuns();
      for (const run of order) runs.note('dlv_1', run);
      expect([runs.supersedes('dlv_1', replay), runs.supersedes('dlv_1', twin)]).toEqual([true, false]);
    }
  });

  it('is forgotten for others where there is no room', () => {
    const runs = new NewestRuns(1);
    runs.note('dlv_1', replay);
    runs.note('dlv_2', replay);
    expect([runs.supersedes('dlv_1', first), runs.supersedes('dlv_2', first)]).toEqual([false, true]);
  });
});
