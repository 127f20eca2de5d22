import { describe, expect, it } from '@jest/globals';
import { decodeCommand, decodeDelivery, decodeReport, type AttemptReport } from '@hookstream/contracts';
import { attemptId, deliveryId } from '@hookstream/domain';
import { aDueDelivery, aDocument, aRecord, asRead, type DocumentPart } from '@hookstream/testing';
import { aDispatcher, anEventOf, ok, P0, range, settled, topics } from '../../test/dispatcher-bed.js';
import type { AttemptOutcome } from './attempts.js';

const idOf = (n: number) => deliveryId(anEventOf(n).id, 'sub_1');
const delivery = (n: number, part: Parameters<typeof aDueDelivery>[0] = {}) =>
  aDueDelivery({ id: idOf(n), event: anEventOf(n), ...part });
const records = (count: number) => range(count).map((n) => aRecord(n, delivery(n)));

/** A dispatcher that knows one subscription whose requests take up to four deliveries. */
function aBed(part: DocumentPart = {}) {
  const bed = aDispatcher();
  const configure = (more: DocumentPart = {}) =>
    bed.subscriptions.onSubscription(aDocument({ batch: { maxEntries: 4, maxWaitMs: 1_000 }, ...part, ...more }));
  configure();
  const pass = async (milliseconds: number) => {
    bed.state.nowMs += milliseconds;
    bed.dispatcher.tick();
    await settled();
  };
  const reports = (): AttemptReport[] =>
    bed.written
      .filter(({ topic }) => topic === topics.attempts)
      .map((record) => decodeReport(asRead(record)))
      .flatMap((report) => (report.kind === 'attempt' ? [report] : []));
  const nexts = () =>
    bed.written.filter(({ topic }) => topic === topics.delayNear).map((record) => decodeDelivery(asRead(record)));
  return { ...bed, configure, pass, reports, nexts };
}

describe('Dispatcher, where a subscription takes several deliveries in a request', () => {
  it('sends what comes within the time in requests of at most so many, and finishes and reports each for itself', async () => {
    const { take, pass, batches, reports, committable } = aBed();
    await take(...records(6));
    expect(batches).toEqual([range(4).map(idOf)]);
    await pass(1_000);
    expect(batches).toEqual([range(4).map(idOf), [4, 5].map(idOf)]);
    expect(committable()).toBe(6);
    expect(reports().map(({ delivery: id, settles }) => [id, settles?.offset])).toEqual(
      range(6).map((n) => [idOf(n), n]),
    );
  });

  it('tells what was sent and answered once, by the attempt of the first, and of the others where to find it', async () => {
    const { take, reports } = aBed();
    await take(...records(4));
    const place = { delivery: idOf(0), attempt: attemptId(idOf(0), '0', 1), entries: 4 };
    expect(reports().map(({ request: { batch } }) => batch)).toEqual(range(4).map((entry) => ({ ...place, entry })));
    const body = Buffer.from(range(4).map(idOf).join()).toString('base64');
    expect(reports().map(({ request }) => request.body)).toEqual([body, undefined, undefined, undefined]);
    expect(reports().map(({ responseBody }) => responseBody.toString())).toEqual(['thanks', '', '', '']);
    expect(reports().map(({ response }) => response?.status)).toEqual([200, 200, 200, 200]);
  });

  it('tries each member of a failed batch again by its own record, and sends those that come together in fewer', async () => {
    const { take, pass, state, nexts, batches, reports, committable } = aBed();
    state.answer = () => ({ ...ok, status: 503 });
    await take(...records(3), aRecord(3, delivery(3, { attempt: 3, attemptsInRun: 2 })));
    expect(batches).toEqual([range(3).map(idOf)]);
    await pass(1_000);
    expect(batches).toEqual([range(3).map(idOf), [idOf(3)]]);
    expect(reports().map(({ state: standing }) => standing)).toEqual(['retrying', 'retrying', 'retrying', 'exhausted']);
    expect(nexts().map(({ id, attempt }) => [id, attempt])).toEqual(range(3).map((n) => [idOf(n), 2]));
    expect(committable()).toBe(4);

    state.answer = () => ok;
    state.nowMs += 5_000;
    await take(...nexts().map((next, n) => aRecord(4 + n, next)));
    await pass(1_000);
    expect(batches.slice(2)).toEqual([[idOf(0)], [idOf(1)], [idOf(2)]]);
    expect(committable()).toBe(7);
  });

  it('counts a batch once for the limits of its endpoint', async () => {
    const { take, pass, batches, state } = aBed({ perSecond: 1, concurrency: 1 });
    const answers: (() => void)[] = [];
    state.answer = () => new Promise<AttemptOutcome>((resolve) => answers.push(() => resolve(ok)));
    await take(...records(12));
    expect(batches).toHaveLength(1);
    answers.shift()?.();
    await settled();
    expect(batches).toHaveLength(1);
    await pass(1_000);
    expect(batches).toHaveLength(2);
    answers.shift()?.();
    await pass(1_000);
    expect(batches).toHaveLength(3);
    answers.shift()?.();
    await settled();
  });

  it('keeps in memory what a rate limit lets go in time, counted in batches', async () => {
    const { take, pass, topicsWritten, batches } = aBed({ perSecond: 1 });
    await take(...records(19));
    for (let second = 0; second < 5; second += 1) await pass(1_000);
    expect(batches.map(({ length }) => length)).toEqual([4, 4, 4, 4, 3]);
    expect(topicsWritten().filter((topic) => topic !== topics.attempts)).toEqual([]);
  });

  it('counts a failed batch as one failure for the breaker, which opens after five', async () => {
    const { take, state, batches, topicsWritten, dispatcher } = aBed();
    state.answer = () => ({ kind: 'failure', class: 'connect', message: 'refused', durationMs: 1 });
    await take(...records(16));
    expect(batches).toHaveLength(4);
    await take(...range(4).map((n) => aRecord(16 + n, delivery(16 + n))));
    expect(batches).toHaveLength(5);
    const before = topicsWritten().length;
    await take(...range(8).map((n) => aRecord(20 + n, delivery(20 + n))));
    dispatcher.tick();
    await settled();
    expect(batches).toHaveLength(5);
    expect(topicsWritten().length - before).toBe(8);
  });

  it('probes an open breaker with one delivery', async () => {
    const { take, pass, state, batches } = aBed();
    state.answer = () => ({ kind: 'failure', class: 'connect', message: 'refused', durationMs: 1 });
    await take(...records(20));
    expect(batches).toHaveLength(5);
    state.answer = () => ok;
    state.nowMs += 30_000;
    await take(...range(4).map((n) => aRecord(20 + n, delivery(20 + n, { reason: 'breaker-open', hops: 1 }))));
    await pass(1_000);
    expect(batches.slice(5)).toEqual([[idOf(20)]]);
  });

  it('buries the one of which no request can be made, and sends the others', async () => {
    const { take, batches, topicsWritten, committable } = aBed();
    const bad = delivery(1, { data: Buffer.from('unrenderable') });
    await take(aRecord(0, delivery(0)), aRecord(1, bad), aRecord(2, delivery(2)), aRecord(3, delivery(3)));
    expect(batches).toEqual([[0, 2, 3].map(idOf)]);
    expect(topicsWritten().filter((topic) => topic === topics.deadLetters)).toHaveLength(1);
    expect(committable()).toBe(4);
  });

  it('finds it by halves where nobody can tell which one it is', async () => {
    const { take, pass, state, batches, topicsWritten, committable } = aBed();
    state.composable = (deliveries) => !deliveries.some(({ id }) => id === idOf(2));
    await take(...records(4));
    for (let second = 0; second < 4; second += 1) await pass(1_000);
    expect(batches).toEqual([[0, 1].map(idOf), [idOf(3)]]);
    expect(topicsWritten().filter((topic) => topic === topics.deadLetters)).toHaveLength(1);
    expect(committable()).toBe(4);
  });

  it('ends those that are not to be sent any more, and sends the rest', async () => {
    const { take, batches, written, committable } = aBed();
    const old = delivery(1, { runStartedAtMs: 0 });
    await take(aRecord(0, delivery(0)), aRecord(1, old), aRecord(2, delivery(2)), aRecord(3, delivery(3)));
    expect(batches).toEqual([[0, 2, 3].map(idOf)]);
    expect(written.map((record) => decodeReport(asRead(record)).state).sort()).toEqual([
      'delivered',
      'delivered',
      'delivered',
      'exhausted',
    ]);
    expect(committable()).toBe(4);
  });

  it('goes by the newest settings: what was gathered goes one by one when batches end, and is parked when it pauses', async () => {
    const { take, configure, pass, batches, topicsWritten } = aBed();
    await take(...records(3));
    configure({ batch: undefined, version: 4 });
    await pass(100);
    expect(batches).toEqual(range(3).map((n) => [idOf(n)]));
    configure({ version: 5, paused: true });
    await take(...range(4).map((n) => aRecord(3 + n, delivery(3 + n))));
    expect(topicsWritten().filter((topic) => topic === topics.parked)).toHaveLength(4);
  });

  it('lets all wait again, in their order, where the request did not begin', async () => {
    const { dispatcher, take, state, batches, written, committable } = aBed();
    let connect: () => void = () => undefined;
    state.connected = () => new Promise((resolve) => (connect = resolve));
    await take(...records(4));
    state.open = false;
    connect();
    await settled();
    expect([batches, written, committable()]).toEqual([[], [], 0]);
    expect([dispatcher.lanes.inFlight, dispatcher.lanes.unsettled, dispatcher.lanes.queued]).toEqual([0, 0, 4]);
    state.open = true;
    state.connected = () => Promise.resolve();
    dispatcher.pump();
    await settled();
    expect(batches).toEqual([range(4).map(idOf)]);
    expect([committable(), dispatcher.lanes.bytes]).toEqual([4, 0]);
  });

  it('leaves to the new owner what has to follow in a partition that is lost meanwhile', async () => {
    const { dispatcher, take, state, topicsWritten, reports } = aBed();
    let answer: (outcome: AttemptOutcome) => void = () => undefined;
    state.answer = () => new Promise((resolve) => (answer = resolve));
    await take(...records(4));
    dispatcher.lose(P0);
    answer({ ...ok, status: 500 });
    await settled();
    expect(topicsWritten()).toEqual(range(4).map(() => topics.attempts));
    expect(reports().map(({ settles }) => settles)).toEqual(range(4).map(() => undefined));
    expect([dispatcher.lanes.unsettled, dispatcher.lanes.bytes]).toEqual([0, 0]);
  });

  it('asks once for the subscription to be deactivated by a 410', async () => {
    const { take, state, written, reports } = aBed();
    state.answer = () => ({ ...ok, status: 410 });
    await take(...records(4));
    const commands = written.filter(({ topic }) => topic === topics.commands);
    expect(commands.map((record) => decodeCommand(asRead(record)))).toMatchObject([{ reason: 'gone' }]);
    expect(reports().map(({ reason }) => reason)).toEqual(range(4).map(() => 'gone'));
  });

  it('buries each by a defect of ours, and waits when they are too many', async () => {
    const { take, state, written, fatal, dispatcher, committable } = aBed({ batch: { maxEntries: 30, maxWaitMs: 0 } });
    state.prepare = () => {
      throw new Error('no key opens this secret');
    };
    await take(...records(30));
    expect(written.filter(({ topic }) => topic === topics.deadLetters)).toHaveLength(10);
    expect([fatal.length, committable()]).toEqual([0, 10]);
    expect(dispatcher.heldBackBecause).toContain('defect');
    state.prepare = () => undefined;
    state.nowMs += 1_000;
    dispatcher.tick();
    await settled();
    expect(committable()).toBe(30);
  });

  it('drains what is under way and starts nothing that still gathers', async () => {
    const { dispatcher, take, batches, committable } = aBed();
    await take(...records(5));
    await dispatcher.drain();
    expect(batches).toHaveLength(1);
    expect([committable(), dispatcher.lanes.queued]).toEqual([4, 1]);
  });
});
