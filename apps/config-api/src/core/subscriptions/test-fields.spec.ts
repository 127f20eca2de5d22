import { describe, expect, it } from '@jest/globals';
import { patchedRequest } from './patched-request.js';
import { newSubscription, replaced, subscriptionDocument } from './subscription-state.js';
import { subscriptionRequest } from './subscription-request.js';
import { asRequest, viewSubscription } from './subscription-view.js';

const now = new Date('2026-01-01T00:00:00Z');
const later = new Date('2026-01-02T00:00:00Z');
const endpoint = { url: 'https://a.example' };
const made = (more: object = {}, startInactive = false) =>
  newSubscription(subscriptionRequest.parse({ endpoint, ...more }), {
    ...{ id: 'sub_1', organization: 'org_default', sealedSecrets: [], sealedEndpoint: {} },
    ...{ startInactive, now },
  });
const test = { onActivation: true, body: { type: 'ping', 'k\0': ['\uD800', 1.5] }, failureDeactivates: true };

describe('test settings', () => {
  it('are all off by default, and then no part of what is stored', () => {
    const state = made();
    const off = { onActivation: false, body: null, failureDeactivates: false, whileInactive: false };
    expect(viewSubscription(state).test).toEqual(off);
    expect(state.settings.test).toBeUndefined();
  });

  it('stay as they are when they are read back, and a patch changes what it names', () => {
    const state = made({ test });
    expect(viewSubscription(state).test).toEqual({ ...test, whileInactive: false });
    expect(replaced(state, subscriptionRequest.parse(asRequest(state)), [], {}, later)).toBe(state);
    const patched = patchedRequest(state, { test: { body: null, whileInactive: true } });
    const next = replaced(state, subscriptionRequest.parse(patched), [], {}, later);
    expect(next.version).toBe(2);
    expect(viewSubscription(next).test).toEqual({ ...test, body: null, whileInactive: true });
  });

  it('keep their body from dispatchers, who do not need it', () => {
    const { settings } = subscriptionDocument(made({ test }));
    expect(settings.test).toEqual({ onActivation: true, failureDeactivates: true, whileInactive: false });
  });

  it.each([
    [{ body: [] }, 'test/body'],
    [{ body: 'ping' }, 'test/body'],
    [{ body: { a: 'x'.repeat(16_384) } }, 'test/body'],
    [{ onActivation: 'yes' }, 'test/onActivation'],
    [{ onCreation: true }, 'test'],
  ])('refuse %j', (refused, place) => {
    const issues = subscriptionRequest.safeParse({ endpoint, test: refused }).error?.issues ?? [];
    expect(issues.map(({ path }) => path.join('/'))).toEqual([place]);
  });
});

describe('startInactive', () => {
  it.each([
    [{}, false, true],
    [{}, true, false],
    [{ startInactive: true }, false, false],
    [{ startInactive: false }, true, true],
    [{ startInactive: true, active: true }, true, true],
  ])('with %j and the policy %j makes it active: %j', (request, policy, active) => {
    const state = made(request, policy);
    expect(state).toMatchObject({ active, inactiveSince: active ? null : now });
  });

  it('says nothing about one that is there', () => {
    const state = made({ startInactive: true, active: true });
    const request = subscriptionRequest.parse({ ...asRequest(state), active: undefined, startInactive: true });
    expect(replaced(state, request, [], {}, later)).toBe(state);
  });
});
