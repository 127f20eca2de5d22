import { describe, expect, it } from '@jest/globals';
import { republishAll } from './republication.js';

describe('publishing all configuration again', () => {
  it('says how far it is, and goes on when Kafka is away for a moment', async () => {
    const lines: string[] = [];
    let left = 0;
    let tries = 0;
    const all = await republishAll({
      markAll: (onMarked) => {
        onMarked(1_500);
        left = 2_000;
        return Promise.resolve(2_000);
      },
      publish: async () => {
        tries += 1;
        if (tries === 1) throw new Error('the broker is away');
        left = 500;
        await new Promise((resolve) => setTimeout(resolve, 30));
        left = 0;
      },
      waiting: () => Promise.resolve(left),
      say: (line) => void lines.push(line),
      everyMs: 5,
    });
    expect(all).toBe(2_000);
    expect(lines).toContain('not published yet (the broker is away); trying again');
    expect(lines).toContain('published 1,500 of 2,000');
  });
});
