import { describe, expect, it } from '@jest/globals';
import { RecentMap } from './recent-map.js';

function recentMap() {
  let nowMs = 0;
  const map = new RecentMap<number, string>({ maxEntries: 10, maxAgeMs: 100 }, () => nowMs);
  return { map, pass: (ms: number) => (nowMs += ms) };
}

describe('RecentMap', () => {
  it('keeps at least the newest entries it is meant to, and at most twice as many', () => {
    const { map } = recentMap();
    for (let key = 0; key < 100; key++) map.set(key, `${key}`);
    expect(map.get(99)).toBe('99');
    expect(map.get(90)).toBe('90');
    expect(map.get(79)).toBeUndefined();
  });

  it('keeps nothing beyond its age', () => {
    const { map, pass } = recentMap();
    map.set(1, 'a');
    pass(50);
    map.forgetOld();
    expect(map.get(1)).toBe('a');
    pass(50);
    map.forgetOld();
    expect(map.get(1)).toBeUndefined();
  });

  it('keeps nothing that was left alone for long', () => {
    const { map, pass } = recentMap();
    map.set(1, 'a');
    pass(1_000);
    map.forgetOld();
    expect(map.get(1)).toBeUndefined();
  });
});
