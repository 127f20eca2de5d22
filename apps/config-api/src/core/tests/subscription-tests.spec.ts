import { beforeEach, describe, expect, it } from '@jest/globals';
import { type Delivery, type DeliveryReport } from '@hookstream/contracts';
import { aDelivery } from '@hookstream/testing';
import { type Caller } from '../caller.js';
import { accepted } from '../outcome.js';
import { newSubscription, type SubscriptionState } from '../subscriptions/subscription-state.js';
import { subscriptionRequest } from '../subscriptions/subscription-request.js';
import { type CommandedChange } from '../subscriptions/subscriptions.js';
import { SubscriptionTests } from './subscription-tests.js';
import { viewTestResult } from './test-result-view.js';

const NOW_MS = Date.parse('2026-01-02T03:04:05Z');
const caller: Caller = { key: 'key_1', role: 'admin', address: null, requestId: null, organization: null, grants: [] };
const later = new Date(NOW_MS);
const sub = (more: object = {}): SubscriptionState =>
  newSubscription(subscriptionRequest.parse({ name: 'billing', endpoint: { url: 'https://a.example' }, ...more }), {
    ...{ id: 'sub_1', organization: 'org_default', sealedSecrets: [], sealedEndpoint: {} },
    ...{ startInactive: false, now: later },
  });

const { eventBytes, event } = aDelivery();
const common = {
  organization: 'org_default',
  subscription: 'sub_1',
  event,
  eventBytes,
  configVersion: 1,
  run: '0',
} as const;
const reported = (delivery: Delivery['id'], status: number): DeliveryReport => ({
  ...common,
  ...{ delivery, kind: 'attempt', id: 'att_1', number: 1, startedAtMs: NOW_MS, durationMs: 12 },
  ...{ firstSeenAtMs: NOW_MS, runStartedAtMs: NOW_MS },
  state: status < 300 ? 'delivered' : 'exhausted',
  ...(status >= 300 && { reason: 'attempts' }),
  outcome: status < 300 ? 'success' : 'failure',
  request: { url: 'https://a.example', method: 'POST', headers: {} },
  response: { status, headers: { server: 'x' }, bodyTruncated: false },
  responseBody: Buffer.from([0xff]),
});

let state: SubscriptionState | undefined;
let written: Delivery[];
let deactivations: CommandedChange[];
let notSent: unknown[];
let steps: string[];
/** What becomes of a ping: `undefined` when nobody says so in time. */
let outcome: (delivery: Delivery['id']) => Promise<DeliveryReport | undefined>;
let write: (delivery: Delivery) => Promise<number>;
let waitedMs: number;
let owed: string[];
let settled: unknown[];

const tests = () =>
  new SubscriptionTests({
    subscriptions: {
      find: () => Promise.resolve(state),
      findAny: () => Promise.resolve(state),
      deactivateByDispatcher: (change) => {
        deactivations.push(change);
        if (state) state = { ...state, active: false, inactiveReason: change.reason, version: 2 };
        return Promise.resolve(accepted(undefined));
      },
    },
    outcomes: {
      ends: () => {
        steps.push('ends');
        return Promise.resolve(new Map([[1, 7]]));
      },
      find: ({ partition, fromOffset, delivery }) => {
        steps.push(`find ${partition}@${fromOffset}`);
        return outcome(delivery);
      },
    },
    owed: {
      overdue: (since) => Promise.resolve(since.getTime() === NOW_MS - 30_000 ? owed : []),
      settle: (...what) => Promise.resolve(void settled.push(what)),
    },
    propagation: { inForce: () => Promise.resolve(steps.push('in force') > 0) },
    topic: 't.deliveries',
    write: (delivery) => {
      steps.push('write');
      return write(delivery);
    },
    onNotSent: (_, error) => notSent.push(error),
    abortAfter: (milliseconds) => {
      waitedMs = milliseconds;
      return new AbortController().signal;
    },
    nowMs: () => NOW_MS,
  });
const tested = async (of = tests()) => {
  const result = await of.test(caller, 'sub_1');
  if (!result.ok) throw new Error(result.rejection.kind);
  return viewTestResult(result.value);
};

beforeEach(() => {
  state = sub();
  [written, deactivations, notSent, steps] = [[], [], [], []];
  [owed, settled] = [['sub_1'], []];
  outcome = (delivery) => Promise.resolve(reported(delivery, 200));
  write = (delivery) => Promise.resolve(written.push(delivery));
});

describe('a test', () => {
  it('is a delivery of a ping that is marked as one, by the settings of now', async () => {
    await tested();
    expect(written).toMatchObject([
      { subscription: 'sub_1', configVersion: 1, reason: 'test', test: true, dueAtMs: NOW_MS, attempt: 1, run: '0' },
    ]);
    expect(written[0]?.event).toMatchObject({ type: 'hookstream.ping', organization: 'org_default' });
    expect(JSON.parse(String(written[0]?.data))).toEqual({
      ...{ subscription: 'sub_1', name: 'billing', sentAt: later.toISOString() },
    });
  });

  it('carries the data it is given', async () => {
    state = sub({ test: { body: { type: 'ping', at: [1] } } });
    await tested();
    expect(String(written[0]?.data)).toBe('{"type":"ping","at":[1]}');
  });

  it('is looked for from where the log ended before it was written, for the timeout and five seconds', async () => {
    state = sub({ endpoint: { url: 'https://a.example', timeout: '3s' } });
    const answer = await tested();
    expect(steps).toEqual(['ends', 'write', 'find 1@7']);
    expect(waitedMs).toBe(8_000);
    expect(answer).toMatchObject({
      ...{ delivery: written[0]?.id, state: 'delivered', reason: null, durationMs: 12 },
      response: { status: 200, headers: { server: 'x' }, body: '/w==', bodyEncoding: 'base64' },
      subscription: { active: true },
    });
  });

  it('is pending where nothing is heard of it in time', async () => {
    outcome = () => Promise.resolve(undefined);
    expect(await tested()).toMatchObject({ state: 'pending', reason: null, delivery: written[0]?.id });
  });

  it('deactivates the version it was made by when it fails, where that is asked for, and says so', async () => {
    outcome = (delivery) => Promise.resolve(reported(delivery, 500));
    expect(await tested()).toMatchObject({ state: 'exhausted', subscription: { active: true } });
    expect(deactivations).toEqual([]);
    state = sub({ test: { failureDeactivates: true } });
    expect(await tested()).toMatchObject({
      state: 'exhausted',
      subscription: { active: false, inactiveReason: 'test-failed' },
    });
    expect(deactivations).toEqual([{ subscription: 'sub_1', reason: 'test-failed', expectedVersion: 1 }]);
  });

  it('is refused for what is not there and what is not active, unless that may be tested', async () => {
    state = undefined;
    expect(await tests().test(caller, 'sub_1')).toMatchObject({ rejection: { kind: 'not-found' } });
    state = sub({ active: false });
    expect(await tests().test(caller, 'sub_1')).toMatchObject({ rejection: { kind: 'conflict' } });
    const endpoint = { url: 'https://a.example', validationHandshake: true };
    state = sub({ endpoint, test: { whileInactive: true } });
    expect(await tests().test(caller, 'sub_1')).toMatchObject({ rejection: { kind: 'conflict' } });
    expect(steps).toEqual([]);
    state = sub({ active: false, test: { whileInactive: true } });
    expect(await tested()).toMatchObject({ state: 'delivered' });
  });

  it('is made one at a time of each subscription', async () => {
    let answer: (report: DeliveryReport | undefined) => void = () => undefined;
    outcome = () => new Promise((resolve) => (answer = resolve));
    const one = tests();
    const first = one.test(caller, 'sub_1');
    await new Promise(setImmediate);
    expect(await one.test(caller, 'sub_1')).toMatchObject({ rejection: { kind: 'conflict' } });
    answer(undefined);
    expect(await first).toMatchObject({ ok: true });
    outcome = () => Promise.resolve(undefined);
    expect(await one.test(caller, 'sub_1')).toMatchObject({ ok: true });
  });

  it('fails with Kafka, and may be made again', async () => {
    const one = tests();
    write = () => Promise.reject(new Error('away'));
    await expect(one.test(caller, 'sub_1')).rejects.toThrow('away');
    write = () => Promise.resolve(1);
    expect(await one.test(caller, 'sub_1')).toMatchObject({ ok: true });
  });
});

describe('the question for the leave of an endpoint', () => {
  it('is a test of its own type that names the origin, written once the settings are in force', async () => {
    const { id, ...rest } = sub({ active: false, test: { body: { type: 'ping' } } });
    const asked = await tests().askForLeave({ id, ...rest }, 'hooks.example.com');
    expect(steps).toEqual(['in force', 'ends', 'write', 'find 1@7']);
    expect(written).toMatchObject([
      { test: true, event: { type: 'hookstream.handshake', subject: 'hooks.example.com' }, configVersion: 1 },
    ]);
    expect(String(written[0]?.data)).not.toContain('ping');
    expect(asked).toMatchObject({ ok: true, value: { delivery: written[0]?.id, report: { state: 'delivered' } } });
  });
});

describe('the ping of an activation', () => {
  it('is sent once the activation is in force, and waits for no outcome', async () => {
    const sent = await tests().pingActivated([sub()]);
    expect(steps).toEqual(['in force', 'write']);
    expect([...sent]).toEqual([['sub_1', written[0]?.id]]);
  });

  it('takes nothing back where Kafka is away, and is owed still', async () => {
    write = () => Promise.reject(new Error('away'));
    expect((await tests().pingActivated([sub()])).size).toBe(0);
    expect(notSent).toHaveLength(1);
    await tests().sendOwed();
    expect([notSent.length, settled]).toEqual([2, []]);
  });

  it('is sent later where its process died before, as the same delivery, and forgotten once Kafka has it', async () => {
    await tests().sendOwed();
    await tests().pingActivated([sub()]);
    expect(written.map(({ id }) => id)).toEqual([written[0]?.id, written[0]?.id]);
    expect(settled).toEqual([
      ['sub_1', later],
      ['sub_1', later],
    ]);
    state = { ...sub(), activatedAt: new Date(NOW_MS + 1) };
    await tests().sendOwed();
    expect(written.at(-1)?.id).not.toBe(written[0]?.id);
  });

  it('is not sent to what was deactivated or deleted meanwhile', async () => {
    for (const gone of [undefined, sub({ active: false })]) {
      state = gone;
      await tests().sendOwed();
    }
    expect(written).toEqual([]);
    expect(settled).toEqual([
      ['sub_1', null],
      ['sub_1', null],
    ]);
  });

  it('costs nothing where none is due', async () => {
    expect((await tests().pingActivated([])).size).toBe(0);
    expect(steps).toEqual([]);
  });
});
