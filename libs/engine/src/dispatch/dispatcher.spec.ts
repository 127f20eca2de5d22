import { describe, expect, it } from '@jest/globals';
import { decodeDeadLetter, decodeDelivery, decodeReport } from '@hookstream/contracts';
import { NOW_MS, aDueDelivery, aDocument, aRecord, asRead } from '@hookstream/testing';
import { aDispatcher, anEventOf, ok, range, settled, topics, Unavailable } from '../../test/dispatcher-bed.js';
import type { AttemptOutcome } from './attempts.js';

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

  it('cancels what waits of an older run once a replay of its delivery has come up', async () => {
    const { subscriptions, take, requests, written } = aDispatcher();
    subscriptions.onSubscription(aDocument());
    const replay = { run: 'run_1', runStartedAtMs: NOW_MS, attempt: 4, attemptsInRun: 0, reason: 'replay' } as const;
    await take(aRecord(0, aDueDelivery(replay)), aRecord(1, aDueDelivery({ attempt: 3, attemptsInRun: 2, hops: 4 })));
    expect(requests).toHaveLength(1);
    expect(written.map((record) => decodeReport(asRead(record)))).toMatchObject([
      { kind: 'ending', run: '0', state: 'cancelled', reason: 'superseded', settles: { offset: 1 } },
      { kind: 'attempt', run: 'run_1', number: 4, state: 'delivered', settles: { offset: 0 } },
    ]);
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

describe('a request whose body takes time to be made', () => {
  it('has its share of the rate before, so that no more are begun than may be sent', async () => {
    const { subscriptions, take, state, requests } = aDispatcher();
    subscriptions.onSubscription(aDocument({ perSecond: 2 }));
    const begun: (() => void)[] = [];
    state.rendering.done = () => new Promise((resolve) => begun.push(resolve));
    await take(...range(10).map((n) => aRecord(n, aDueDelivery({ id: `dlv_${n}`, event: anEventOf(n) }))));
    expect(begun).toHaveLength(2);
    for (const done of begun) done();
    await settled();
    expect(requests).toHaveLength(2);
  });

  it('that cannot be made gives its place back, and tells nothing of the endpoint', async () => {
    const { dispatcher, subscriptions, take, state, topicsWritten, committable } = aDispatcher();
    subscriptions.onSubscription(aDocument());
    state.rendering.done = () => Promise.resolve();
    await take(aRecord(0, aDueDelivery({ data: Buffer.from('unrenderable') })));
    expect(topicsWritten()).toEqual([topics.deadLetters, topics.attempts]);
    expect([dispatcher.lanes.unsettled, committable()]).toEqual([0, 1]);
  });
});

describe('a request that cannot be made yet', () => {
  const waitingOf = (record: Parameters<typeof asRead>[0] | undefined) =>
    decodeDelivery(asRead(record ?? { topic: '', key: null, value: null }));

  it('is no attempt, and is looked at again after twice as long each time, within five minutes', async () => {
    const { dispatcher, subscriptions, take, state, requests, written, committable, notYet } = aDispatcher();
    subscriptions.onSubscription(aDocument({ retry: { maxAgeMs: 7 * 86_400_000 } }));
    state.rendering.done = () => Promise.resolve();
    state.notYet = true;
    const waits: number[] = [];
    let delivery = aDueDelivery({ attempt: 3, attemptsInRun: 2, reason: 'retry' });
    for (const offset of range(10)) {
      await take(aRecord(offset, delivery));
      delivery = waitingOf(written.pop());
      waits.push(delivery.dueAtMs - state.nowMs);
      state.nowMs = delivery.dueAtMs;
    }
    expect(delivery).toMatchObject({ attempt: 3, attemptsInRun: 2, reason: 'entity-unavailable', hops: 10 });
    expect(waits).toEqual([2_200, 4_840, 10_648, 23_426, 51_537, 113_381, 249_438, 300_000, 300_000, 300_000]);
    expect([requests.length, written.length, committable(), dispatcher.lanes.unsettled]).toEqual([0, 0, 10, 0]);
    expect(notYet).toEqual(range(10).map(() => 'no entity'));
    state.notYet = false;
    await take(aRecord(10, delivery));
    expect(decodeReport(asRead(written[0] ?? { topic: '', key: null, value: null }))).toMatchObject({ number: 3 });
  });

  it('ends with the age of its run', async () => {
    const { subscriptions, take, state, written } = aDispatcher();
    subscriptions.onSubscription(aDocument());
    state.rendering.done = () => Promise.resolve();
    state.notYet = true;
    state.nowMs += 3_600_001;
    await take(aRecord(0, aDueDelivery({ reason: 'entity-unavailable' })));
    expect(written.map((record) => decodeReport(asRead(record)))).toMatchObject([
      { kind: 'ending', state: 'exhausted', reason: 'max-age' },
    ]);
  });

  it('however long that takes, leaves the breaker of its endpoint closed, and the next is asked at once', async () => {
    const { dispatcher, subscriptions, take, state, requests } = aDispatcher();
    subscriptions.onSubscription(aDocument());
    const begun: (() => void)[] = [];
    state.rendering.done = () => new Promise((resolve) => begun.push(resolve));
    await take(...range(3).map((n) => aRecord(n, aDueDelivery({ id: `dlv_${n}`, event: anEventOf(n) }))));
    for (let n = 0; n < 100; n += 1) {
      state.nowMs += 100;
      dispatcher.tick();
    }
    for (const done of begun) done();
    delete state.rendering.done;
    await take(aRecord(3, aDueDelivery({ id: 'dlv_3', event: anEventOf(3) })));
    expect(requests).toHaveLength(4);
  });

  it('is judged anew where its settings have changed meanwhile', async () => {
    const { subscriptions, take, state, requests, written } = aDispatcher();
    subscriptions.onSubscription(aDocument());
    let done = (): void => undefined;
    state.rendering.done = () => new Promise((resolve) => (done = resolve));
    await take(aRecord(0, aDueDelivery()));
    subscriptions.onSubscription(aDocument({ version: 4, active: false }));
    done();
    await settled();
    expect(requests).toEqual([]);
    expect(written.map((record) => decodeReport(asRead(record)))).toMatchObject([{ state: 'cancelled' }]);
  });
});

describe('a test', () => {
  it('is sent once and at once, though the breaker of its endpoint is open', async () => {
    const { dispatcher, subscriptions, take, state, requests, written } = aDispatcher();
    subscriptions.onSubscription(aDocument({ perSecond: 1 }));
    state.answer = () => ({ kind: 'failure', class: 'connect', message: 'refused', durationMs: 1 });
    const failing = range(6).map((n) => aRecord(n, aDueDelivery({ id: `dlv_${n}`, event: anEventOf(n) })));
    for (const record of failing) {
      state.nowMs += 2_000;
      await take(record);
    }
    const before = requests.length;
    written.length = 0;
    const ping = aDueDelivery({ id: 'dlv_99', event: anEventOf(99), test: true, data: Buffer.from('{"ping":1}') });
    await take(aRecord(6, ping));
    expect(requests).toHaveLength(before + 1);
    expect(written.map((record) => decodeReport(asRead(record)))).toMatchObject([
      { delivery: 'dlv_99', state: 'exhausted', reason: 'attempts', testData: '{"ping":1}' },
    ]);
    expect(dispatcher.lanes.unsettled).toBe(0);
  });

  it('is a probe of an open breaker: once it was delivered, others are sent', async () => {
    const { subscriptions, take, state, requests, written } = aDispatcher();
    subscriptions.onSubscription(aDocument());
    state.answer = () => ({ kind: 'failure', class: 'connect', message: 'refused', durationMs: 1 });
    await take(...range(5).map((n) => aRecord(n, aDueDelivery({ attempt: n + 1, event: anEventOf(n) }))));
    state.answer = () => ok;
    await take(aRecord(5, aDueDelivery({ id: 'dlv_98', hops: 1 })));
    expect(requests).toHaveLength(5);
    written.length = 0;
    await take(aRecord(6, aDueDelivery({ id: 'dlv_99', event: anEventOf(99), test: true })));
    await take(aRecord(7, aDueDelivery({ id: 'dlv_97', event: anEventOf(97) })));
    expect(requests).toHaveLength(7);
    expect(written.map((record) => decodeReport(asRead(record)).state)).toEqual(['delivered', 'delivered']);
  });

  it('reports its data where it ends without a request too', async () => {
    const { subscriptions, take, written } = aDispatcher();
    subscriptions.onSubscription(aDocument({ active: false }));
    await take(aRecord(0, aDueDelivery({ test: true })));
    expect(written.map((record) => decodeReport(asRead(record)))).toMatchObject([
      { kind: 'ending', state: 'cancelled', testData: '{"amount":7}' },
    ]);
  });

  it('keeps being one while it waits for settings', async () => {
    const { subscriptions, take, written } = aDispatcher();
    subscriptions.onSubscription(aDocument());
    await take(aRecord(0, aDueDelivery({ test: true, configVersion: 9 })));
    const [waiting] = written.map((record) => decodeDelivery(asRead(record)));
    expect(waiting).toMatchObject({ test: true, reason: 'settings-behind' });
  });
});
