import { describe, expect, it } from '@jest/globals';
import { foreignShare, sumUsed, usedBetween, type CpuSeconds, type Reading } from './process-meter.js';

function reading(cpu: CpuSeconds, atMs = 0, machineBusySeconds = 0): Reading {
  return { atMs, cpu, machineBusySeconds };
}

describe('usedBetween', () => {
  it('counts a process that came in between from its start and leaves out one that is gone', () => {
    const used = usedBetween(reading({ router: 1, gone: 5 }), reading({ router: 1.5, dispatcher: 2 }));
    expect(used).toEqual({ router: 0.5, dispatcher: 2 });
  });
});

describe('foreignShare', () => {
  it('is what the machine did beyond the measured processes, of all that it could do', () => {
    expect(foreignShare(reading({ router: 1 }, 0, 100), reading({ router: 6 }, 10_000, 109), 2)).toBe(0.2);
  });

  it('is not below zero where clocks of different coarseness say so', () => {
    expect(foreignShare(reading({ router: 1 }, 0, 100), reading({ router: 2 }, 10_000, 100.9), 2)).toBe(0);
  });
});

describe('sumUsed', () => {
  it('adds up by name', () => {
    expect(sumUsed({ router: 1, kafka: 2 }, { router: 3 })).toEqual({ router: 4, kafka: 2 });
  });
});
