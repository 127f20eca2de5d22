import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { TemplateLane, type TemplateWorkerEvents } from './template-lane.js';

/** A lane whose threads and time are told what to do. */
function bed() {
  const posted: string[][] = [];
  const timers = new Set<() => void>();
  const threads: TemplateWorkerEvents[] = [];
  let terminated = 0;
  const lane = new TemplateLane({
    start: (events) => {
      threads.push(events);
      return Promise.resolve({
        post: (jobs) => void posted.push(jobs.map(({ input }) => input)),
        terminate: () => void (terminated += 1),
      });
    },
    after: (_, callback) => {
      timers.add(callback);
      return () => timers.delete(callback);
    },
  });
  const run = (input: string) => lane.run({ expression: 'e', input: () => input }, 1_000);
  const expire = (place: number) => [...timers][place]?.();
  return { lane, run, posted, threads, timers, expire, terminatedSoFar: () => terminated };
}

const rendered = { kind: 'rendered', text: 'x', isJson: false } as const;

describe('TemplateLane', () => {
  it('sends what waits together, in its order, and the next when all of it is done', async () => {
    const { run, posted, threads } = bed();
    const results = [run('a'), run('b')];
    await turn();
    const later = run('c');
    expect(posted).toEqual([['a', 'b']]);
    threads[0]?.onResult(rendered);
    threads[0]?.onResult({ kind: 'failed', message: 'm' });
    await turn();
    expect(posted).toEqual([['a', 'b'], ['c']]);
    threads[0]?.onResult(rendered);
    expect(await Promise.all([...results, later])).toEqual([rendered, { kind: 'failed', message: 'm' }, rendered]);
    expect(threads).toHaveLength(1);
  });

  it('takes down the thread of one that overruns, and begins those behind it in another', async () => {
    const { run, posted, threads, expire, timers, terminatedSoFar } = bed();
    const results = [run('a'), run('b')];
    await turn();
    expire(timers.size - 1);
    await turn();
    expect(terminatedSoFar()).toBe(1);
    expect(posted).toEqual([['a', 'b'], ['b']]);
    threads[1]?.onResult(rendered);
    expect(await Promise.all(results)).toEqual([{ kind: 'overran' }, rendered]);
    expect(timers.size).toBe(0);
  });

  it('tells of a thread that died, and goes on', async () => {
    const { run, posted, threads } = bed();
    const first = run('a');
    await turn();
    threads[0]?.onDied();
    expect(await first).toEqual({ kind: 'died' });
    const second = run('b');
    await turn();
    threads[1]?.onResult(rendered);
    expect(await second).toEqual(rendered);
    expect(posted).toEqual([['a'], ['b']]);
  });

  it('gives up what waits too long, and everything when it is closed', async () => {
    const { lane, run, expire, threads } = bed();
    const first = run('a');
    await turn();
    const waiting = run('b');
    expire(2);
    expect(await waiting).toEqual({ kind: 'not-begun' });
    lane.close();
    expect(await first).toEqual({ kind: 'not-begun' });
    expect(threads).toHaveLength(1);
  });
});
