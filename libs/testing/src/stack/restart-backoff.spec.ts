import { describe, expect, it } from '@jest/globals';
import { RestartBackoff } from './restart-backoff.js';

describe('RestartBackoff', () => {
  it('doubles from one second to half a minute', () => {
    const backoff = new RestartBackoff();
    expect([1, 2, 3, 4, 5, 6, 7].map(() => backoff.nextDelayMs(500) / 1_000)).toEqual([1, 2, 4, 8, 16, 30, 30]);
  });

  it('starts anew after a minute without a crash', () => {
    const backoff = new RestartBackoff();
    backoff.nextDelayMs(0);
    backoff.nextDelayMs(0);
    expect(backoff.nextDelayMs(60_000)).toBe(1_000);
  });
});
