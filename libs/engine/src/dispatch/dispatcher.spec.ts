import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import {
  decodeDeadLetter,
  decodeDelivery,
  decodeReport,
  decodeSettlement,
  topicNames,
  type ConsumedRecord,
  type Delivery,
  type OutgoingRecord,
} from '@hookstream/contracts';
import type { AttemptOutcome, AttemptRequest, PreparedAttempt } from './attempts.js';
import { Endpoints } from '../endpoints/endpoints.js';
import { DEFAULT_LANE_LIMITS } from '../lanes/lanes.js';
import { TrackerTable } from '../tracker/tracker-table.js';
import { NOW_MS, aDueDelivery, aDocument, aRecord, asRead } from '@hookstream/testing';
import type { DispatchObserver } from './dispatch-observer.js';
import { Dispatcher } from './dispatcher.js';
import { EffectTooLarge, EffectWriter } from './effects.js';
import { RecordHandler } from './record-handler.js';
import { limitsOf, SubscriptionTable, type SubscriptionInForce } from './subscription-table.js';

const topics = topicNames('t.');
const P0 = { topic: topics.deliveries, partition: 0 };

class Unavailable extends Error {
  readonly retryable = true;
}

const ok: AttemptOutcome = {
  kind: 'response',
  status: 200,
  headers: { 'set-cookie': 'session=1', server: 'x' },
  body: Buffer.from('thanks'),
  bodyTruncated: false,
  durationMs: 4.4,
};

const range = (count: number) => Array.from({ length: count }, (_, n) => n);
const anEventOf = (n: number) => ({ ...aDueDelivery().event, id: `evt_${n}` as const });

/** Lets everything run that waits for nothing but its turn. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await setImmediate();
}

/** The real dispatcher and engine; endpoint, broker and clock are fakes. */
function aDispatcher() {
  const written: OutgoingRecord[] = [];
  const requests: AttemptRequest[] = [];
  const fatal: unknown[] = [];
  const defects: unknown[] = [];
  const state = {
    answer: (): Promise<AttemptOutcome> | AttemptOutcome => ok,
    publish: (record: OutgoingRecord): unknown => written.push(record),
    prepare: (): void => undefined,
    connected: (): Promise<void> => Promise.resolve(),
    open: true,
    nowMs: NOW_MS,
  };
  const observer: DispatchObserver = {
    attempted: () => undefined,
    repeated: () => undefined,
    holdingBack: () => undefined,
    postponed: () => undefined,
    ended: () => undefined,
    deadLettered: () => undefined,
    defect: (error) => defects.push(error),
    effectDelayed: () => undefined,
  };
  const prepared = (delivery: Delivery, { document }: SubscriptionInForce): PreparedAttempt => {
    state.prepare();
    if (delivery.data.toString() === 'unrenderable') return { ok: false, reason: 'invalid-json', detail: 'no JSON' };
    const { url, method, headers } = document.settings.endpoint;
    const request = { url, method, headers };
    return {
      ok: true,
      request,
      send: async (mayBegin) => {
        await state.connected();
        if (!mayBegin()) return { kind: 'withheld' };
        requests.push(request);
        return await state.answer();
      },
    };
  };
  const subscriptions = new SubscriptionTable({ open: () => Buffer.alloc(32) });
  const trackers = new TrackerTable();
  const endpoints = new Endpoints({
    limits: (id) => limitsOf(subscriptions.get(id)),
    restore: () => undefined,
    tell: () => undefined,
    workShare: () => 0,
    slowPlaces: 256,
    now: () => state.nowMs,
  });
  const dispatcher = new Dispatcher({
    trackers,
    endpoints,
    now: () => state.nowMs,
    observer,
    handler: new RecordHandler({
      topics,
      subscriptions,
      endpoints,
      observer,
      attempts: { prepare: prepared },
      maxEventBytes: 1_000,
      now: () => state.nowMs,
      random: () => 0.5,
      mayBlame: () => state.open,
    }),
    effects: new EffectWriter({
      publisher: {
        publish: async (record) => {
          await Promise.resolve(state.publish(record));
          return { offset: written.length - 1 };
        },
      },
      sleep: () => settled(),
      onRetry: () => undefined,
      isMember: () => state.open,
    }),
    flow: { pause: () => undefined, resume: () => undefined },
    limits: DEFAULT_LANE_LIMITS,
    ordered: {
      topics: { source: topics.deliveriesFifo, hold: topics.fifoHold },
      ends: () => Promise.resolve(new Map()),
      read: () => Promise.reject(new Error('not expected')),
      vanished: () => undefined,
    },
    mayStart: () => state.open,
    onFatal: (error) => fatal.push(error),
  });
  const owner = trackers.assign(P0, undefined);
  const take = async (...records: ConsumedRecord[]) => {
    const firstOffset = records[0]?.offset ?? 0;
    const lastOffset = records.at(-1)?.offset ?? 0;
    dispatcher.accept({ ...P0, records, firstOffset, lastOffset, highWatermark: lastOffset + 1 });
    await settled();
  };
  const committable = () => owner.tracker.commitPoint().offset;
  const topicsWritten = () => written.map(({ topic }) => topic);
  return {
    dispatcher,
    trackers,
    subscriptions,
    state,
    written,
    topicsWritten,
    requests,
    fatal,
    defects,
    take,
    committable,
  };
}

describe('Dispatcher', () => {
  it('sends, reports into the partition of the record, and finishes it', async () => {
    const { subscriptions, take, requests, written, committable } = aDispatcher();
    const headers = { authorization: 'Bearer s3cret', 'x-tenant': '7' };
    subscriptions.onSubscription(aDocument({ endpoint: { headers } }));
    await take({ ...aRecord(5, aDueDelivery()), partition: 0 });
    expect(requests).toHaveLength(1);
    expect(requests[0]?.headers['authorization']).toBe('Bearer s3cret');
    expect(written).toMatchObject([{ topic: topics.attempts, partition: 0 }]);
    const report = decodeReport(asRead(written[0] ?? { topic: '', key: null, value: null }));
    expect(report).toMatchObject({
      kind: 'attempt',
      number: 1,
      state: 'delivered',
      outcome: 'success',
      durationMs: 4,
      configVersion: 3,
      settles: { topic: topics.deliveries, offset: 5 },
      request: { headers: { authorization: '[redacted]', 'x-tenant': '7' } },
      response: { status: 200, headers: { 'set-cookie': '[redacted]', server: 'x' } },
      responseBody: Buffer.from('thanks'),
    });
    expect(committable()).toBe(6);
  });

  it('writes the next attempt before the report of the failed one', async () => {
    const { subscriptions, take, state, written, topicsWritten } = aDispatcher();
    subscriptions.onSubscription(aDocument());
    state.answer = () => ({ kind: 'failure', class: 'connect', message: 'refused', durationMs: 1 });
    await take(aRecord(0, aDueDelivery()));
    expect(topicsWritten()).toEqual([topics.delayNear, topics.attempts]);
    const [next, report] = written.map((record) => asRead(record));
    expect(next && decodeDelivery(next)).toMatchObject({ attempt: 2, dueAtMs: NOW_MS + 5_000 });
    expect(report && decodeReport(report)).toMatchObject({
      state: 'retrying',
      nextAttemptAtMs: NOW_MS + 5_000,
      error: { class: 'connect', message: 'refused' },
    });
  });

  it('sends a delay above ten seconds to its level, and a gone subscription to config-api', async () => {
    const { subscriptions, take, state, topicsWritten } = aDispatcher();
    subscriptions.onSubscription(aDocument());
    state.answer = () => ({ ...ok, status: 503 });
    await take(aRecord(0, aDueDelivery({ attemptsInRun: 1, attempt: 2 })));
    state.answer = () => ({ ...ok, status: 410 });
    await take(aRecord(1, aDueDelivery({ attempt: 3 })));
    expect(topicsWritten()).toEqual(['t.delay.5m', topics.attempts, topics.commands, topics.attempts]);
  });

  it('writes again what the broker did not take, without asking the endpoint again, and commits only then', async () => {
    const { subscriptions, take, state, requests, topicsWritten, written, committable } = aDispatcher();
    subscriptions.onSubscription(aDocument());
    state.answer = () => ({ ...ok, status: 503 });
    const takes = state.publish;
    let refusals = 0;
    state.publish = (record) => {
      if (record.topic !== topics.attempts || refusals >= 3) return takes(record);
      refusals += 1;
      expect(committable()).toBe(0);
      throw new Unavailable();
    };
    await take(aRecord(0, aDueDelivery()));
    await settled();
    await settled();
    await settled();
    expect([refusals, requests.length, written.length]).toEqual([3, 1, 2]);
    expect(topicsWritten()).toEqual([topics.delayNear, topics.attempts]);
    expect(committable()).toBe(1);
  });

  it('buries a record it cannot read between good ones, and commits past it', async () => {
    const { subscriptions, take, requests, written, committable } = aDispatcher();
    subscriptions.onSubscription(aDocument());
    const poison = { ...aRecord(1, aDueDelivery()), headers: {} };
    await take(aRecord(0, aDueDelivery()), poison, aRecord(2, aDueDelivery({ attempt: 2 })));
    expect(requests).toHaveLength(2);
    const letter = written.find(({ topic }) => topic === topics.deadLetters);
    expect(letter && decodeDeadLetter(asRead(letter))).toMatchObject({ reason: 'undecodable', stage: 'dispatcher' });
    expect(committable()).toBe(3);
  });

  it('ends a delivery it can read but not render as dead-lettered, in the log too', async () => {
    const { subscriptions, take, requests, written } = aDispatcher();
    subscriptions.onSubscription(aDocument());
    await take(aRecord(0, aDueDelivery({ data: Buffer.from('unrenderable') })));
    expect(requests).toHaveLength(0);
    const [letter, ending] = written.map((record) => asRead(record));
    expect(letter && decodeDeadLetter(letter)).toMatchObject({ reason: 'invalid-json', subscription: 'sub_1' });
    expect(ending && decodeReport(ending)).toMatchObject({
      kind: 'ending',
      state: 'dead-lettered',
      reason: 'invalid-json',
    });
  });

  it('lets a delivery wait whose subscription it does not know, with the attempt unchanged', async () => {
    const { take, written, committable } = aDispatcher();
    await take(aRecord(0, aDueDelivery({ hops: 2 })));
    expect(written.map((record) => decodeDelivery(asRead(record)))).toMatchObject([
      { attempt: 1, attemptsInRun: 0, hops: 3, reason: 'unknown-subscription', dueAtMs: NOW_MS + 1_000 },
    ]);
    expect(committable()).toBe(1);
  });

  it('reports an ending without a request', async () => {
    const { subscriptions, take, requests, written } = aDispatcher();
    subscriptions.onSubscription(aDocument({ active: false }));
    await take(aRecord(0, aDueDelivery()));
    expect(requests).toEqual([]);
    expect(written.map((record) => decodeReport(asRead(record)))).toMatchObject([
      { kind: 'ending', state: 'cancelled', reason: 'subscription-inactive' },
    ]);
  });

  it('sends what an open endpoint has waiting to a delay topic, as no attempt, and cancels what is cancelled', async () => {
    const { dispatcher, subscriptions, take, state, requests, written, committable } = aDispatcher();
    subscriptions.onSubscription(aDocument({ concurrency: 5 }));
    state.answer = () => ({ kind: 'failure', class: 'connect', message: 'refused', durationMs: 1 });
    const failing = range(5).map((n) => aRecord(n, aDueDelivery({ attempt: n + 1, event: anEventOf(n) })));
    await take(...failing);
    written.length = 0;
    await take(aRecord(5, aDueDelivery({ hops: 3, attempt: 6 })));
    expect(requests).toHaveLength(5);
    expect(written.map((record) => [record.topic, decodeDelivery(asRead(record))])).toMatchObject([
      ['t.delay.30s', { attempt: 6, attemptsInRun: 0, hops: 4, reason: 'breaker-open', plannedAtMs: NOW_MS }],
    ]);
    subscriptions.onSubscription(aDocument({ version: 4, active: false }));
    await take(aRecord(6, aDueDelivery({ hops: 3, attempt: 7 })));
    expect(written.slice(1).map((record) => decodeReport(asRead(record)))).toMatchObject([{ state: 'cancelled' }]);
    expect(committable()).toBe(7);
    await dispatcher.drain();
  });

  it('does not hold against an endpoint what got no answer while this process may have been stopped', async () => {
    const { subscriptions, take, state, requests } = aDispatcher();
    subscriptions.onSubscription(aDocument({ concurrency: 5 }));
    state.answer = () => {
      // It froze with the request under way, and wakes to its timeout.
      state.open = false;
      return { kind: 'failure', class: 'timeout', message: 'no answer', durationMs: 15_000 };
    };
    for (const n of range(5)) {
      state.open = true;
      await take(aRecord(n, aDueDelivery({ attempt: n + 1, event: anEventOf(n) })));
    }
    state.open = true;
    await take(aRecord(5, aDueDelivery({ attempt: 6, event: anEventOf(5) })));
    expect(requests).toHaveLength(6);
    state.open = true;
    await settled();
  });

  it('begins no request that had to wait for its connection until the membership was in doubt, and begins it when it is sure', async () => {
    const { dispatcher, subscriptions, take, state, requests, written, committable } = aDispatcher();
    subscriptions.onSubscription(aDocument({ concurrency: 1 }));
    let connect: () => void = () => undefined;
    state.connected = () => new Promise((resolve) => (connect = resolve));
    await take(aRecord(0, aDueDelivery()), aRecord(1, aDueDelivery({ attempt: 2 })));
    state.open = false;
    connect();
    await settled();
    dispatcher.pump();
    expect([requests.length, written.length, committable()]).toEqual([0, 0, 0]);
    expect([dispatcher.lanes.inFlight, dispatcher.lanes.unsettled, dispatcher.lanes.queued]).toEqual([0, 0, 2]);

    state.open = true;
    state.connected = () => Promise.resolve();
    dispatcher.pump();
    await settled();
    expect(written.map((record) => decodeReport(asRead(record)))).toMatchObject([{ number: 1 }, { number: 2 }]);
    expect([requests.length, committable(), dispatcher.lanes.bytes]).toEqual([2, 2, 0]);
  });

  it('loses nothing of what did not begin when it is sent elsewhere and comes back', async () => {
    const { dispatcher, subscriptions, take, state, requests, written, committable } = aDispatcher();
    subscriptions.onSubscription(aDocument({ concurrency: 1 }));
    state.connected = () => {
      state.open = false;
      return Promise.resolve();
    };
    await take(aRecord(0, aDueDelivery()));
    // Paused meanwhile, it is parked.
    subscriptions.onSubscription({ ...aDocument({ concurrency: 1 }), paused: true, version: 4 });
    state.connected = () => Promise.resolve();
    state.open = true;
    dispatcher.pump();
    await settled();
    expect(written.map(({ topic }) => topic)).toEqual([topics.parked]);
    const [parked] = written.map((record) => decodeDelivery(asRead(record)));
    subscriptions.onSubscription({ ...aDocument({ concurrency: 1 }), version: 5 });
    await take(aRecord(1, parked ?? aDueDelivery()));
    expect([requests.length, committable()]).toEqual([1, 2]);
  });

  it('begins no request of a partition that went while it waited for its connection, and says nothing of it', async () => {
    const { dispatcher, subscriptions, take, state, requests, written } = aDispatcher();
    subscriptions.onSubscription(aDocument());
    let connect: () => void = () => undefined;
    state.connected = () => new Promise((resolve) => (connect = resolve));
    await take(aRecord(0, aDueDelivery()));
    dispatcher.lose(P0);
    connect();
    await settled();
    expect([requests, written]).toEqual([[], []]);
    expect([dispatcher.lanes.unsettled, dispatcher.lanes.queued, dispatcher.lanes.bytes]).toEqual([0, 0, 0]);
    await dispatcher.drain();
  });

  it('writes no next attempt before it is sure of its membership, and none when it has lost the partition', async () => {
    const { dispatcher, subscriptions, take, state, topicsWritten, written } = aDispatcher();
    subscriptions.onSubscription(aDocument());
    const answers: ((outcome: AttemptOutcome) => void)[] = [];
    state.answer = () => new Promise((resolve) => answers.push(resolve));
    await take(aRecord(0, aDueDelivery()), aRecord(1, aDueDelivery({ attempt: 2 })));
    state.open = false;
    answers[0]?.({ ...ok, status: 500 });
    await settled();
    expect(written).toEqual([]);
    state.open = true;
    await settled();
    expect(topicsWritten()).toEqual([topics.delayNear, topics.attempts]);

    state.open = false;
    answers[1]?.({ ...ok, status: 500 });
    await settled();
    dispatcher.lose(P0);
    await settled();
    expect(topicsWritten()).toEqual([topics.delayNear, topics.attempts, topics.attempts]);
    expect(written.map((record) => record.topic === topics.attempts && decodeSettlement(asRead(record)))).toMatchObject(
      [false, { offset: 0 }, undefined],
    );
  });

  it('sends nothing elsewhere while it is not sure of its membership', async () => {
    const { dispatcher, subscriptions, take, state, written } = aDispatcher();
    subscriptions.onSubscription(aDocument({ concurrency: 5 }));
    state.answer = () => ({ kind: 'failure', class: 'connect', message: 'refused', durationMs: 1 });
    await take(...range(5).map((n) => aRecord(n, aDueDelivery({ attempt: n + 1, event: anEventOf(n) }))));
    written.length = 0;
    state.open = false;
    await take(aRecord(5, aDueDelivery({ attempt: 6 })));
    dispatcher.tick();
    await settled();
    expect(written).toEqual([]);
    state.open = true;
    dispatcher.tick();
    await settled();
    expect(written).toHaveLength(1);
  });

  it('makes one attempt of two records of it that were moved here by ways of different length', async () => {
    const { dispatcher, subscriptions, take, state, requests, written, committable } = aDispatcher();
    subscriptions.onSubscription(aDocument());
    state.open = false;
    await take(aRecord(0, aDueDelivery({ hops: 1 })), aRecord(1, aDueDelivery({ hops: 2 })));
    state.open = true;
    dispatcher.pump();
    await settled();
    await take(aRecord(2, aDueDelivery({ hops: 3 })));
    expect([requests.length, written.length, committable()]).toEqual([1, 1, 3]);
  });

  it('looks the settings up when an attempt starts, not when its record comes', async () => {
    const { dispatcher, subscriptions, take, state, requests, written } = aDispatcher();
    subscriptions.onSubscription(aDocument());
    state.open = false;
    await take(aRecord(0, aDueDelivery()));
    subscriptions.onSubscription(aDocument({ version: 4, active: false }));
    state.open = true;
    dispatcher.pump();
    await settled();
    expect(requests).toEqual([]);
    expect(written).toHaveLength(1);
  });

  it('reports what it learns of a lost partition, and leaves the rest to the new owner', async () => {
    const { dispatcher, subscriptions, take, state, requests, topicsWritten, written } = aDispatcher();
    subscriptions.onSubscription(aDocument({ concurrency: 1 }));
    let answer: (outcome: AttemptOutcome) => void = () => undefined;
    state.answer = () => new Promise((resolve) => (answer = resolve));
    await take(aRecord(0, aDueDelivery()), aRecord(1, aDueDelivery({ attempt: 2 })));
    dispatcher.lose(P0);
    answer({ ...ok, status: 500 });
    await settled();
    expect(requests).toHaveLength(1);
    expect(topicsWritten()).toEqual([topics.attempts]);
    // It does not say that the record is finished: nobody has written the next attempt.
    expect(written.map((record) => decodeReport(asRead(record)))).toMatchObject([{ state: 'retrying' }]);
    expect(written.map((record) => decodeSettlement(asRead(record)))).toEqual([undefined]);
  });

  it('finishes a record of a lost partition by its report where nothing has to follow', async () => {
    const { dispatcher, subscriptions, take, state, written } = aDispatcher();
    subscriptions.onSubscription(aDocument());
    let answer: (outcome: AttemptOutcome) => void = () => undefined;
    state.answer = () => new Promise((resolve) => (answer = resolve));
    await take(aRecord(0, aDueDelivery()));
    dispatcher.lose(P0);
    answer(ok);
    await settled();
    expect(written.map((record) => decodeSettlement(asRead(record)))).toMatchObject([
      { topic: topics.deliveries, offset: 0 },
    ]);
  });

  it('drains: starts nothing more, finishes what runs, leaves what waits uncommitted', async () => {
    const { dispatcher, subscriptions, take, state, requests, committable } = aDispatcher();
    subscriptions.onSubscription(aDocument({ concurrency: 1 }));
    let answer: (outcome: AttemptOutcome) => void = () => undefined;
    state.answer = () => new Promise((resolve) => (answer = resolve));
    await take(aRecord(0, aDueDelivery()), aRecord(1, aDueDelivery({ attempt: 2 })));
    const drained = dispatcher.drain();
    answer(ok);
    await drained;
    expect(requests).toHaveLength(1);
    expect(committable()).toBe(1);
  });

  it('buries what it fails to handle by a defect, ten of them, and then takes no more and says why', async () => {
    const { dispatcher, subscriptions, take, state, fatal, written, committable } = aDispatcher();
    subscriptions.onSubscription(aDocument());
    state.answer = () => {
      throw new Error('a bug');
    };
    for (let offset = 0; offset < 30; offset += 1) await take(aRecord(offset, aDueDelivery({ attempt: offset + 1 })));
    expect(written.filter(({ topic }) => topic === topics.deadLetters)).toHaveLength(10);
    expect([fatal.length, committable()]).toEqual([0, 10]);
    expect(dispatcher.heldBackBecause).toContain('defect');
    await dispatcher.drain();
    expect([written.length, committable()]).toEqual([20, 10]);
  });

  it('tries a record each second while it holds back, and goes on with all when one passes', async () => {
    const { dispatcher, subscriptions, take, state, requests, written, committable } = aDispatcher();
    subscriptions.onSubscription(aDocument());
    state.prepare = () => {
      throw new Error('no key opens this secret');
    };
    await take(...range(40).map((n) => aRecord(n, aDueDelivery({ attempt: n + 1 }))));
    const buried = () => written.filter(({ topic }) => topic === topics.deadLetters).length;
    const trials = async (seconds: number) => {
      for (let second = 0; second < seconds; second += 1) {
        state.nowMs += 1_000;
        dispatcher.tick();
        await settled();
      }
    };
    await trials(20);
    expect([buried(), requests.length, committable()]).toEqual([10, 0, 10]);
    state.prepare = () => undefined;
    await trials(1);
    expect([buried(), requests.length, committable()]).toEqual([10, 30, 40]);
    expect(dispatcher.heldBackBecause).toBeUndefined();
  });

  it('does not bury everything when the configuration it knew is gone', async () => {
    const { dispatcher, subscriptions, take, state, requests, written, committable } = aDispatcher();
    state.nowMs += 300_000;
    await take(...range(40).map((n) => aRecord(n, aDueDelivery({ attempt: n + 1 }))));
    expect(written.filter(({ topic }) => topic === topics.deadLetters)).toHaveLength(10);
    expect(dispatcher.heldBackBecause).toContain('unknown-subscription');
    subscriptions.onSubscription(aDocument());
    state.nowMs += 1_000;
    dispatcher.tick();
    await settled();
    expect([requests.length, committable()]).toEqual([30, 40]);
  });

  it('buries a record whose report its topic never takes', async () => {
    const { subscriptions, take, state, written, committable } = aDispatcher();
    subscriptions.onSubscription(aDocument());
    const takes = state.publish;
    let tooLarge = true;
    state.publish = (record) => {
      if (!tooLarge) return takes(record);
      tooLarge = false;
      throw new EffectTooLarge('2 MiB');
    };
    await take(aRecord(0, aDueDelivery()));
    const letter = written.find(({ topic }) => topic === topics.deadLetters);
    expect(letter && decodeDeadLetter(asRead(letter)).reason).toBe('defect');
    expect(committable()).toBe(1);
  });

  it('stops when the broker refuses for good, and leaves the record uncommitted', async () => {
    const { subscriptions, take, state, fatal, committable } = aDispatcher();
    subscriptions.onSubscription(aDocument());
    state.publish = () => {
      throw new Error('TOPIC_AUTHORIZATION_FAILED');
    };
    await take(aRecord(0, aDueDelivery()));
    expect([fatal.length, committable()]).toEqual([1, 0]);
  });
});
