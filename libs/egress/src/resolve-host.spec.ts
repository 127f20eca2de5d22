import { describe, expect, it } from '@jest/globals';
import { type ResolvedAddress, cacheAnswers } from './resolve-host.js';

function scripted(...answers: readonly (readonly ResolvedAddress[] | Error | 'never')[]) {
  const asked: string[] = [];
  const resolve = (hostname: string): Promise<readonly ResolvedAddress[]> => {
    const answer = answers[asked.length] ?? [];
    asked.push(hostname);
    if (answer === 'never') return new Promise(() => undefined);
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  };
  const clock = { ms: 0 };
  const cached = cacheAnswers(resolve, { ttlMs: 5_000, failureTtlMs: 1_000, maxNames: 2, now: () => clock.ms });
  return { asked, clock, cached };
}

const one = [{ address: '192.0.2.1', family: 4 }];
const two = [{ address: '192.0.2.2', family: 4 }];

describe('the cache of DNS answers', () => {
  it('asks once for questions that come together or within its time, then again', async () => {
    const { asked, clock, cached } = scripted(one, two);
    expect(await Promise.all([cached('a.test'), cached('a.test')])).toEqual([one, one]);
    clock.ms = 4_999;
    expect(await cached('a.test')).toEqual(one);
    clock.ms = 5_000;
    expect(await cached('a.test')).toEqual(two);
    expect(asked).toEqual(['a.test', 'a.test']);
  });

  it('keeps a failure for a shorter time', async () => {
    const { asked, clock, cached } = scripted(new Error('no'), one);
    await expect(cached('a.test')).rejects.toThrow('no');
    await expect(cached('a.test')).rejects.toThrow('no');
    expect(asked).toHaveLength(1);
    clock.ms = 1_000;
    expect(await cached('a.test')).toEqual(one);
  });

  it('does not wait for ever behind a question that is never answered', async () => {
    const { clock, cached } = scripted('never', one);
    void cached('a.test');
    clock.ms = 5_000;
    expect(await cached('a.test')).toEqual(one);
  });

  it('keeps a bounded number of names', async () => {
    const { asked, cached } = scripted(one, one, one, one);
    for (const name of ['a.test', 'b.test', 'c.test', 'c.test', 'a.test']) await cached(name);
    expect(asked).toEqual(['a.test', 'b.test', 'c.test', 'a.test']);
  });
});
