import { describe, expect, it } from '@jest/globals';
import { Endpoint, type AttemptEnd, type EndpointLimits, type EndpointMemory, type Lateness } from './endpoint.js';

const SUCCESS: AttemptEnd = { result: 'success', congested: false, holdMs: 0 };
const FAILURE: AttemptEnd = { result: 'failure', congested: false, holdMs: 0 };

class Bench {
  nowMs = 1_000_000;
  late: Lateness | undefined;
  readonly endpoint: Endpoint;

  constructor(limits: EndpointLimits = { concurrency: 4 }, restored?: EndpointMemory) {
    this.endpoint = new Endpoint(() => limits, restored);
  }

  attempt(end: AttemptEnd, tookMs = 10, event = `evt_${this.nowMs}`): void {
    const attempt = this.endpoint.begin(event, this.nowMs);
    this.nowMs += tookMs;
    this.endpoint.end(attempt, end, this.nowMs);
  }

  /** Four requests that never end, seen every 100 ms for so long. */
  hang(ms: number): void {
    for (let n = 0; n < 4; n += 1) this.endpoint.begin(`evt_${n}`, this.nowMs);
    this.pass(ms);
  }

  pass(ms: number, waiting = 0): void {
    for (const endMs = this.nowMs + ms; this.nowMs < endMs;) {
      this.nowMs += 100;
      this.endpoint.look(this.nowMs, this.late);
      if (waiting > 0) this.keeps(waiting);
    }
  }

  takes(ahead: number, ownSchedule = false): boolean {
    return this.endpoint.takes(ahead, ownSchedule, this.nowMs);
  }

  keeps(waiting: number, maxWaitMs = Infinity): number {
    return this.endpoint.keeps({ waiting, maxWaitMs, weAreLate: this.late }, this.nowMs);
  }

  /** In milliseconds from now; `Infinity` where it waits in `parked`. */
  reserve(waiting = 0) {
    const { dueAtMs = Infinity, reason } = this.endpoint.reserve(waiting, this.nowMs);
    return { inMs: dueAtMs - this.nowMs, reason };
  }
}

describe('Endpoint', () => {
  it('keeps what a fast receiver works off in five seconds, and all of it through a halt of less than one', () => {
    const bench = new Bench({ concurrency: 16 });
    for (let n = 0; n < 20; n += 1) bench.attempt(SUCCESS, 5);
    expect(bench.takes(15_000)).toBe(true);
    bench.hang(0);
    bench.pass(900, 15_000);
    expect([bench.takes(15_000), bench.keeps(15_000)]).toEqual([true, 15_000]);
  });

  it('keeps only what starts within five seconds of a lane that stays too long, and less when asked to', () => {
    const bench = new Bench();
    bench.attempt(SUCCESS, 400);
    expect(bench.takes(60)).toBe(true);
    bench.pass(1_100, 60);
    expect([bench.keeps(60), bench.takes(50), bench.takes(49)]).toEqual([50, false, true]);
    expect(bench.keeps(60, 1_000)).toBe(10);
  });

  it('is not to blame for a long lane while this process is late, unless it is far slower than others', () => {
    const bench = new Bench();
    bench.late = { commonLatencyMs: 300, lastSuccessAtMs: bench.nowMs + 5_000 };
    bench.attempt(SUCCESS, 400);
    bench.endpoint.look(bench.nowMs);
    bench.pass(2_000, 60);
    expect([bench.keeps(60), bench.takes(59)]).toEqual([60, true]);
    bench.hang(1_500);
    bench.pass(1_500, 60);
    expect(bench.keeps(60)).toBeLessThan(20);
  });

  it('gives each record that does not stay a slot of its own, at the pace of the lane', () => {
    const bench = new Bench();
    bench.attempt(SUCCESS, 400);
    expect([bench.reserve(50), bench.reserve(50), bench.reserve(50)]).toEqual(
      [5_100, 5_200, 5_300].map((inMs) => ({ inMs, reason: 'overflow' })),
    );
  });

  it('reserves no slot farther than a minute away: what is behind waits elsewhere, for as long as it takes', () => {
    const bench = new Bench({ concurrency: 1, perSecond: 1 });
    for (let n = 0; n < 59; n += 1) bench.reserve();
    expect(bench.reserve().inMs).toBe(60_000);
    for (let n = 0; n < 1_000; n += 1) expect(bench.reserve()).toEqual({ inMs: Infinity, reason: 'overflow' });
    bench.pass(10_000);
    expect(bench.reserve().inMs).toBeLessThan(60_000);
  });

  it('starts no more than its rate limit allows and counts on no more', () => {
    const bench = new Bench({ concurrency: 64, perSecond: 2 });
    bench.attempt(SUCCESS, 0);
    bench.attempt(SUCCESS, 0);
    expect(bench.endpoint.admits(0, bench.nowMs)).toBe(false);
    expect(bench.endpoint.admits(0, bench.nowMs + 500)).toBe(true);
    bench.pass(1_100, 20);
    expect(bench.keeps(20)).toBe(10);
  });

  it('opens when requests hang for five seconds, and then sends everything elsewhere until it probes', () => {
    const bench = new Bench();
    bench.attempt(SUCCESS);
    bench.hang(5_000);
    expect(bench.endpoint.state).toBe('closed');
    bench.pass(200);
    expect(bench.endpoint.state).toBe('open');
    expect([bench.takes(0), bench.keeps(7)]).toEqual([false, 0]);
    const { inMs, reason } = bench.reserve();
    expect(reason).toBe('breaker-open');
    expect(inMs).toBeGreaterThan(29_000);
  });

  it('does not take hanging requests for a stall while nobody else succeeds either and this process is late', () => {
    const bench = new Bench();
    bench.attempt(SUCCESS);
    bench.late = { commonLatencyMs: 100, lastSuccessAtMs: bench.nowMs + 100 };
    bench.hang(8_000);
    expect(bench.endpoint.state).toBe('closed');
    bench.late = { commonLatencyMs: 100, lastSuccessAtMs: bench.nowMs };
    bench.pass(100);
    expect(bench.endpoint.state).toBe('open');
  });

  it('does not take a slow endpoint for a stalled one that answers within twice its usual time', () => {
    const bench = new Bench();
    bench.attempt(SUCCESS, 8_000);
    bench.hang(12_000);
    expect(bench.endpoint.state).toBe('closed');
  });

  it('takes one record as the probe when its time has come, and no second one while that runs', () => {
    const bench = new Bench({ concurrency: 4 }, { breaker: { openUntilMs: 1_000_500, openings: 1 } });
    expect(bench.takes(0)).toBe(false);
    bench.nowMs += 500;
    expect(bench.endpoint.admits(0, bench.nowMs)).toBe(false);
    expect([bench.takes(0), bench.takes(1)]).toEqual([true, false]);
    expect(bench.takes(0)).toBe(true);
    expect(bench.endpoint.admits(0, bench.nowMs)).toBe(true);
    const probe = bench.endpoint.begin('evt_1', bench.nowMs);
    expect([bench.takes(0), bench.endpoint.admits(1, bench.nowMs)]).toEqual([false, false]);
    bench.endpoint.end(probe, SUCCESS, bench.nowMs);
    expect([bench.endpoint.state, bench.takes(1), bench.endpoint.admits(1, bench.nowMs)]).toEqual([
      'half-open',
      true,
      true,
    ]);
  });

  it('is probed by the first of many that come at once', () => {
    const bench = new Bench({ concurrency: 4 });
    for (let n = 0; n < 5; n += 1) bench.attempt(FAILURE);
    bench.nowMs += 60_000;
    expect([bench.takes(0), bench.takes(1), bench.takes(1)]).toEqual([true, false, false]);
    expect([bench.keeps(1), bench.endpoint.admits(0, bench.nowMs)]).toEqual([1, true]);
  });

  it('has no place for others while its probe hangs, and tells that it stays open', () => {
    const bench = new Bench({ concurrency: 4 }, { breaker: { openUntilMs: 1_000_500, openings: 1 } });
    bench.nowMs += 500;
    expect(bench.takes(0)).toBe(true);
    expect(bench.reserve()).toMatchObject({ reason: 'breaker-open', inMs: 5_013 });
    const probe = bench.endpoint.begin('evt_1', bench.nowMs);
    expect(bench.endpoint.standing(bench.nowMs)).toMatchObject({ breaker: 'open', openUntilMs: bench.nowMs + 30_000 });
    bench.nowMs += 9_000;
    expect(bench.reserve()).toEqual({ reason: 'breaker-open', inMs: Infinity });
    bench.endpoint.end(probe, FAILURE, bench.nowMs);
    expect(bench.endpoint.standing(bench.nowMs)).toMatchObject({ openings: 2, openUntilMs: bench.nowMs + 60_000 });
    expect(bench.reserve().inMs).toBeGreaterThan(59_000);
  });

  it('lets a single waiting event keep its schedule while it is open', () => {
    const bench = new Bench({ concurrency: 4 }, { breaker: { openUntilMs: 9_000_000, openings: 5 } });
    expect([bench.takes(0), bench.takes(0, true)]).toEqual([false, true]);
  });

  it('holds all its records for as long as it asks to, and remembers that', () => {
    const bench = new Bench();
    bench.attempt({ ...FAILURE, holdMs: 60_000 });
    expect([bench.takes(0), bench.keeps(3), bench.endpoint.admits(0, bench.nowMs)]).toEqual([false, 0, false]);
    expect(bench.reserve()).toMatchObject({ reason: 'rate-limit' });
    expect(bench.reserve().inMs).toBeGreaterThan(60_000);
    const holdUntilMs = bench.nowMs + 60_000;
    expect(bench.endpoint.standing(bench.nowMs)).toMatchObject({ breaker: 'closed', holdUntilMs });
    expect(bench.endpoint.standing(holdUntilMs)).toBeUndefined();
    const next = new Bench({ concurrency: 4 }, { holdUntilMs });
    expect([next.takes(0), next.endpoint.admits(0, bench.nowMs + 60_000)]).toEqual([false, true]);
  });

  it('lets its records wait in memory through a hold of a few seconds', () => {
    const bench = new Bench();
    bench.attempt({ ...FAILURE, holdMs: 2_000 });
    expect([bench.takes(0), bench.endpoint.admits(0, bench.nowMs)]).toEqual([true, false]);
    expect(bench.endpoint.admits(0, bench.nowMs + 2_000)).toBe(true);
  });
});
