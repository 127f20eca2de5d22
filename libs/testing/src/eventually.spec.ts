import { describe, expect, it } from '@jest/globals';
import { eventually } from './eventually.js';

describe('eventually', () => {
  it('returns what the first successful probe returns', async () => {
    let calls = 0;
    const value = await eventually(
      () => {
        calls += 1;
        if (calls < 3) throw new Error('not yet');
        return calls;
      },
      { intervalMs: 1 },
    );
    expect(value).toBe(3);
  });

  it('throws the last error of the probe when the time is up', async () => {
    let calls = 0;
    const attempt = eventually(() => Promise.reject(new Error(`try ${++calls}`)), { timeoutMs: 20, intervalMs: 5 });
    await expect(attempt).rejects.toThrow(/^try [2-9]/);
  });

  it('does not wait for a probe that hangs', async () => {
    const attempt = eventually(() => new Promise(() => undefined), { timeoutMs: 20 });
    await expect(attempt).rejects.toThrow('nothing came back within 20 ms');
  });
});
