import { describe, expect, it } from '@jest/globals';
import { sumUsed, usedBetween } from './process-meter.js';

describe('usedBetween', () => {
  it('counts a process that came in between from its start and leaves out one that is gone', () => {
    expect(usedBetween({ router: 1, gone: 5 }, { router: 1.5, dispatcher: 2 })).toEqual({ router: 0.5, dispatcher: 2 });
  });
});

describe('sumUsed', () => {
  it('adds up by name', () => {
    expect(sumUsed({ router: 1, kafka: 2 }, { router: 3 })).toEqual({ router: 4, kafka: 2 });
  });
});
