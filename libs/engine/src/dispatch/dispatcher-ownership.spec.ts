import { describe, expect, it } from '@jest/globals';
import { decodeDelivery, decodeReport, decodeSettlement } from '@hookstream/contracts';
import { aDueDelivery, aDocument, aRecord, asRead } from '@hookstream/testing';
import { aDispatcher, anEventOf, ok, P0, range, settled, topics } from '../../test/dispatcher-bed.js';
import type { AttemptOutcome } from './attempts.js';

describe('Dispatcher, where the ownership of a partition is in doubt or lost', () => {
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

  it('withdraws a next attempt from the producer in which it lay while this process was stopped', async () => {
    const { dispatcher, subscriptions, take, state, topicsWritten, written } = aDispatcher();
    subscriptions.onSubscription(aDocument());
    state.answer = () => ({ ...ok, status: 500 });
    let go: () => void = () => undefined;
    state.sent = () => new Promise((resolve) => (go = resolve));
    await take(aRecord(0, aDueDelivery()));
    state.open = false;
    state.sent = () => Promise.resolve();
    go();
    await settled();
    expect(written).toEqual([]);
    dispatcher.lose(P0);
    state.open = true;
    await settled();
    expect(topicsWritten()).toEqual([topics.attempts]);
    expect(written.map((record) => decodeSettlement(asRead(record)))).toEqual([undefined]);
  });

  it('writes a next attempt that was withheld when its membership is sure, once', async () => {
    const { subscriptions, take, state, topicsWritten } = aDispatcher();
    subscriptions.onSubscription(aDocument());
    state.answer = () => ({ ...ok, status: 500 });
    state.sent = () => {
      state.open = false;
      state.sent = () => Promise.resolve();
      return Promise.resolve();
    };
    await take(aRecord(0, aDueDelivery()));
    await settled();
    expect(topicsWritten()).toEqual([]);
    state.open = true;
    await settled();
    expect(topicsWritten()).toEqual([topics.delayNear, topics.attempts]);
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
});
