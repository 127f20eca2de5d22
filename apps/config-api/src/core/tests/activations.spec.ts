import { beforeEach, describe, expect, it } from '@jest/globals';
import { type DeliveryReport, SecretBox, subscriptionSettingsSchema, topicNames } from '@hookstream/contracts';
import { aDelivery } from '@hookstream/testing';
import { type Caller } from '../caller.js';
import { type ConfigStore } from '../config-store.js';
import { accepted, rejected } from '../outcome.js';
import { patchedRequest } from '../subscriptions/patched-request.js';
import { SecretSealer } from '../subscriptions/stored-secret.js';
import { subscriptionRequest } from '../subscriptions/subscription-request.js';
import { subscriptionDocument, type SubscriptionState } from '../subscriptions/subscription-state.js';
import { asRequest, viewSubscription } from '../subscriptions/subscription-view.js';
import { Subscriptions } from '../subscriptions/subscriptions.js';
import { Activations } from './activations.js';

const NOW_MS = Date.parse('2026-01-02T03:04:05Z');
const caller: Caller = { key: 'key_1', role: 'admin', address: null, requestId: null, organization: null, grants: [] };
const url = 'https://a.example/in';
const { event, eventBytes } = aDelivery();

let state: SubscriptionState;
let asked: string[];
/** What the endpoint answers; `undefined`: nothing in time. */
let answer: Partial<Extract<DeliveryReport, { kind: 'attempt' }>> | undefined;
let meanwhile: () => unknown;

const unused = () => Promise.reject(new Error('not expected'));
const store: ConfigStore<SubscriptionState> = {
  insert: (_by, made) => Promise.resolve(accepted((state = made))),
  find: () => Promise.resolve(state),
  list: unused,
  change: (_by, _id, _scope, expected, change) => {
    if (expected && !expected.includes(state.version)) {
      return Promise.resolve(rejected({ kind: 'version-mismatch', currentVersion: state.version }));
    }
    const next = change(state);
    if (next.ok) state = next.value;
    return Promise.resolve(next);
  },
  remove: unused,
};
const secrets = new SecretBox([{ id: 'k1', key: Buffer.alloc(32, 1) }]);
const subscriptions = new Subscriptions({
  ...{ store, secrets, sealer: new SecretSealer(secrets), topics: topicNames('t') },
  organizations: { resolve: () => Promise.resolve('org_default') },
  startsInactive: () => Promise.resolve(false),
  now: () => new Date(NOW_MS),
});
const activations = new Activations({
  subscriptions,
  tests: {
    askForLeave: async ({ id: subscription, version }, origin) => {
      asked.push(origin);
      await meanwhile();
      if (!answer) return accepted({ subscription, delivery: 'dlv_1' });
      const standing = { organization: 'org_default', configVersion: version, run: '0', subscription } as const;
      const report: DeliveryReport = {
        ...{ ...standing, event, eventBytes, delivery: 'dlv_1', firstSeenAtMs: NOW_MS, runStartedAtMs: NOW_MS },
        ...{ kind: 'attempt', id: 'att_1', number: 1, startedAtMs: NOW_MS, durationMs: 12 },
        ...{ state: 'delivered', outcome: 'success', request: { url, method: 'OPTIONS', headers: {} } },
        responseBody: Buffer.alloc(0),
        ...answer,
      };
      return accepted({ subscription, delivery: 'dlv_1', report });
    },
  },
  origin: 'hooks.example.com',
});
const answered = (status: number, headers: Record<string, string> = {}) => {
  answer = { response: { status, headers, bodyTruncated: false } };
};
const allowed = (rate?: string) =>
  answered(200, {
    'webhook-allowed-origin': '*',
    ...(rate !== undefined && { 'webhook-allowed-rate': rate }),
  });
const make = (more: object = {}) =>
  subscriptions.create(caller, subscriptionRequest.parse({ endpoint: { url, validationHandshake: true }, ...more }));
const patch = (change: unknown) =>
  subscriptions.replace(caller, state.id, subscriptionRequest.parse(patchedRequest(state, change)), undefined);
const activate = (expected?: number[]) => activations.activate(caller, state.id, expected);
const refusedWith = (detail: string) => ({
  ok: false,
  rejection: { kind: 'conflict', detail: expect.stringContaining(detail) },
});

beforeEach(async () => {
  [asked, meanwhile] = [[], () => undefined];
  allowed();
  await make();
});

describe('a subscription whose endpoint has to agree', () => {
  it('begins inactive, says why, and nobody is asked yet', async () => {
    expect(state).toMatchObject({ active: false, activatedAt: null, inactiveReason: 'handshake-required' });
    expect(asked).toEqual([]);
    await make({ active: false });
    expect(state.inactiveReason).toBe('by-user');
  });

  it('becomes active when its endpoint agrees', async () => {
    expect(await activate()).toMatchObject({ ok: true, value: { becameActive: true } });
    expect(asked).toEqual(['hooks.example.com']);
    expect(state).toMatchObject({ active: true, inactiveReason: null, version: 2 });
    expect(viewSubscription(state)).toMatchObject({
      ...{ handshake: { url, perSecond: null }, rateLimit: { perSecond: null } },
      endpoint: { validationHandshake: true },
    });
    await activate();
    expect(asked).toHaveLength(1);
  });

  it('is sent no more than its endpoint allows, and keeps its own limit where that is lower', async () => {
    allowed('120');
    await activate();
    expect(subscriptionDocument(state).settings.rateLimit).toMatchObject({ perSecond: 2 });
    expect(viewSubscription(state)).toMatchObject({ handshake: { perSecond: 2 }, rateLimit: { perSecond: null } });
    await patch({ rateLimit: { perSecond: 1 } });
    expect(subscriptionDocument(state)).toMatchObject({ active: true, settings: { rateLimit: { perSecond: 1 } } });
    await patch({ rateLimit: { perSecond: 50 } });
    expect(subscriptionDocument(state).settings.rateLimit).toMatchObject({ perSecond: 2 });
  });

  it.each([
    ['405', () => answered(405), 'with 405; it must answer 2xx with the header "WebHook-Allowed-Origin: hooks.'],
    ['no leave', () => answered(200), 'without WebHook-Allowed-Origin'],
    ['no answer', () => (answer = { error: { class: 'timeout', message: 'none' } }), '(timeout: none)'],
  ])('stays inactive with %s, and the caller is told what is missing', async (_, script, detail) => {
    script();
    expect(await activate()).toMatchObject(refusedWith(detail));
    expect(state).toMatchObject({ active: false, inactiveReason: 'handshake-failed', version: 2 });
    await activate();
    expect(state.version).toBe(2);
    allowed();
    expect(await activate()).toMatchObject({ ok: true });
  });

  it('is left as it is where the answer is not known, and where somebody changes it meanwhile', async () => {
    answer = undefined;
    expect(await activate()).toMatchObject(refusedWith('look up dlv_1'));
    expect(state).toMatchObject({ active: false, inactiveReason: 'handshake-required', version: 1 });
    allowed();
    meanwhile = () => patch({ endpoint: { url: 'https://b.example' } });
    expect(await activate()).toMatchObject(refusedWith('changed while its endpoint was asked'));
    expect(state).toMatchObject({ active: false, version: 2 });
    expect(await activate([1])).toMatchObject({ ok: false, rejection: { kind: 'version-mismatch' } });
    expect(asked).toHaveLength(2);
  });

  it('has to agree again with another URL only', async () => {
    await activate();
    await patch({ name: 'other' });
    expect(state.active).toBe(true);
    await patch({ endpoint: { url: 'https://b.example' } });
    expect(state).toMatchObject({ active: false, inactiveReason: 'handshake-required' });
    expect(viewSubscription(state).handshake).toBeNull();
    await patch({ endpoint: { validationHandshake: false }, active: true });
    expect(state.active).toBe(true);
    await patch({ endpoint: { validationHandshake: true } });
    expect(state).toMatchObject({ active: false, inactiveReason: 'handshake-required' });
  });

  it('is not made active by a change, which changes nothing the second time', async () => {
    await patch({ active: true });
    expect(state).toMatchObject({ active: false, inactiveReason: 'handshake-required', version: 1 });
    answered(405);
    await activate();
    await patch({ active: true });
    expect(state).toMatchObject({ inactiveReason: 'handshake-failed', version: 2 });
    await patch({ active: false });
    expect(state.version).toBe(2);
  });

  it('is switched off and on by a change as long as the leave holds', async () => {
    await activate();
    await subscriptions.deactivate(caller, state.id, undefined);
    await patch({ active: true });
    expect(state.active).toBe(true);
    expect(asked).toHaveLength(1);
  });

  it('is stored and exported such that it changes nothing', async () => {
    allowed('60');
    await activate();
    expect(subscriptionSettingsSchema.parse(JSON.parse(JSON.stringify(state.settings)))).toEqual(state.settings);
    const before = state;
    const exported = subscriptionRequest.parse(asRequest(state));
    expect(subscriptions.planned('org_default', exported, state, false)).toMatchObject({ ok: true, value: { state } });
    await subscriptions.replace(caller, state.id, exported, undefined);
    expect(state).toBe(before);
    const elsewhere = subscriptions.planned('org_default', exported, undefined, false);
    expect(elsewhere).toMatchObject({
      value: {
        state: { active: false, inactiveReason: 'handshake-required', settings: { endpoint: { handshake: {} } } },
      },
    });
  });
});
