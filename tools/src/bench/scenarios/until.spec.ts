import { describe, expect, it } from '@jest/globals';
import { untilReached } from './until.js';

function rising(...values: number[]): () => Promise<number> {
  return () => Promise.resolve((values.length > 1 ? values.shift() : values[0]) ?? NaN);
}

const { signal } = new AbortController();

describe('untilReached', () => {
  it('ends as soon as the target is reached', async () => {
    await expect(untilReached(rising(1, 5, 9), 5, { signal, everyMs: 1 })).resolves.toBe(5);
  });

  it('gives up on a value that no longer rises', async () => {
    await expect(untilReached(rising(1, 3), 5, { signal, everyMs: 1, stallMs: 5 })).resolves.toBe(3);
  });

  it('ends at once when it is told to', async () => {
    const reason = new Error('stopping');
    await expect(untilReached(rising(1), 5, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});
