import { SecretBox, topicNames } from '@hookstream/contracts';
import { describe, expect, it } from '@jest/globals';
import { sealEndpoint, sealHydration } from './endpoint-credentials.js';
import { refusedEntityTopic } from './entity-topic-rule.js';
import { newSubscription, replaced, type SubscriptionState } from './subscription-state.js';
import { patchedRequest } from './patched-request.js';
import { subscriptionRequest } from './subscription-request.js';
import { asRequest, viewSubscription } from './subscription-view.js';

const box = new SecretBox([{ id: 'k1', key: Buffer.alloc(32, 1) }]);
const owner = { organization: 'org_default', subscription: 'sub_1' };
const endpoint = { url: 'https://hooks.example/in' };
const url = 'https://api.example/invoices/{{event.subject}}';
const bound = (hydrate: object, more: object = {}) => ({
  endpoint,
  payload: { binding: 'delivery', hydrate, ...more },
});

function sealed(request: unknown, present?: SubscriptionState) {
  const parsed = subscriptionRequest.parse(request);
  const own = sealEndpoint(box, owner, parsed.endpoint, present?.settings.endpoint);
  const hydrate = sealHydration(box, owner, parsed.payload.hydrate, present?.settings.payload.hydrate);
  return { parsed, own, hydrate };
}

function stored(request: unknown): SubscriptionState {
  const { parsed, own, hydrate } = sealed(request);
  if (!own.ok || !hydrate.ok) throw new Error('refused');
  return newSubscription(parsed, {
    ...{ id: 'sub_1', organization: 'org_default', sealedSecrets: [], startInactive: false },
    sealedEndpoint: { ...own.value, ...hydrate.value },
    now: new Date(0),
  });
}

function changed(state: SubscriptionState, request: unknown): SubscriptionState {
  const { parsed, own, hydrate } = sealed(request, state);
  if (!own.ok || !hydrate.ok) throw new Error('refused');
  return replaced(state, parsed, [], { ...own.value, ...hydrate.value }, new Date(1));
}

const PLATFORM = { key: 'key_1', role: 'admin', address: null, requestId: null, grants: [] } as const;

const authOf = ({ settings }: SubscriptionState) => {
  const { hydrate } = settings.payload;
  return hydrate && 'auth' in hydrate ? hydrate.auth : undefined;
};

const faults = (request: unknown) =>
  subscriptionRequest.safeParse(request).error?.issues.map(({ path, message }) => `${path.join('/')}: ${message}`) ??
  [];

describe('the binding of a payload', () => {
  it('to the delivery is answered with all its settings, and round-trips', () => {
    const state = stored(bound({ url, cache: '1s', headers: { 'X-Shop': '7' } }));
    expect(viewSubscription(state).payload).toEqual({
      format: 'json',
      binding: 'delivery',
      batch: null,
      hydrate: {
        ...{ url, headers: { 'X-Shop': '7' }, auth: { type: 'none' }, timeout: '3s', cache: '1s', notFound: 'null' },
      },
    });
    expect(changed(state, asRequest(state))).toBe(state);
  });

  it('keeps the secret of its source sealed, for as long as it goes to the same origin', () => {
    const state = stored(bound({ url, auth: { type: 'basic', username: 'u', password: 'hunter22' } }));
    expect(JSON.stringify([state, viewSubscription(state)])).not.toContain('hunter22');
    const auth = authOf(state);
    expect(box.open(auth?.sealed ?? '', owner).toString()).toBe('hunter22');
    expect(changed(state, patchedRequest(state, { description: 'new' })).settings).toEqual(state.settings);
    const moved = patchedRequest(state, { payload: { hydrate: { url: 'https://other.example/{{event.id}}' } } });
    expect(sealed(moved, state).hydrate).toMatchObject({
      rejection: { pointer: '/payload/hydrate/auth/password', message: expect.stringContaining('another origin') },
    });
    const bearer = patchedRequest(state, { payload: { hydrate: { auth: { type: 'bearer', token: 'tok' } } } });
    expect(authOf(changed(state, bearer))).toMatchObject({ type: 'bearer' });
  });

  it('to the event again takes where the entity is read with it, and another format does not', () => {
    const state = stored(bound({ url }, { format: 'template', template: 'entity' }));
    const raw = changed(state, patchedRequest(state, { payload: { format: 'raw' } }));
    expect(raw.settings.payload).toEqual({ format: 'raw', hydrate: state.settings.payload.hydrate });
    const unbound = changed(state, patchedRequest(state, { payload: { binding: 'event' } }));
    expect(unbound.settings.payload).toEqual({ format: 'template', template: 'entity' });
  });

  it('may be to a topic of entities, in place of a resource', () => {
    const state = stored(bound({ topic: 'invoices' }));
    const hydrate = { topic: 'invoices', key: '{{event.subject}}', notFound: 'null' };
    expect(viewSubscription(state).payload).toEqual({ format: 'json', binding: 'delivery', hydrate, batch: null });
    expect(changed(state, asRequest(state))).toBe(state);
    const resource = changed(state, patchedRequest(state, { payload: { hydrate: { url } } }));
    expect(resource.settings.payload.hydrate).toMatchObject({ url, timeoutMs: 3_000 });
    const back = changed(resource, patchedRequest(resource, { payload: { hydrate: { topic: 'invoices' } } }));
    expect(back.settings).toEqual(state.settings);
  });

  it('to a topic is for platform-wide keys to name, and never to one of ours', () => {
    const topics = topicNames('t.');
    const state = stored(bound({ topic: 'invoices' }));
    const platform = { ...PLATFORM, organization: null } as const;
    const tenant = { ...PLATFORM, organization: 'org_default' } as const;
    expect(refusedEntityTopic(platform, undefined, state, topics)).toBeUndefined();
    expect(refusedEntityTopic(tenant, undefined, state, topics)).toMatchObject({ kind: 'forbidden' });
    expect(refusedEntityTopic(tenant, state, { ...state, description: 'new' }, topics)).toBeUndefined();
    for (const topic of [topics.events, topics.attempts, '__consumer_offsets']) {
      const own = refusedEntityTopic(platform, undefined, stored(bound({ topic })), topics);
      expect(own).toMatchObject({ kind: 'field', pointer: '/payload/hydrate/topic' });
    }
  });

  it.each([
    [{ endpoint, payload: { binding: 'delivery' } }, 'payload/hydrate: must be given with the binding'],
    [{ endpoint, payload: { hydrate: { url } } }, 'payload/hydrate: goes with the binding'],
    [{ endpoint, payload: { binding: 'attempt' } }, 'payload/binding: '],
    [bound({}), 'payload/hydrate/url: '],
    [bound({ url: 'https://u:p@api.example/' }), 'payload/hydrate/url: must not hold credentials'],
    [bound({ url: 'https://{{event.subject}}/' }), 'payload/hydrate/url: must have its places behind the host'],
    [bound({ url, timeout: '11s' }), 'payload/hydrate/timeout: must be within'],
    [bound({ url, cache: '2h' }), 'payload/hydrate/cache: must be within'],
    [bound({ url, notFound: 'retry' }), 'payload/hydrate/notFound: '],
    [bound({ url, topic: 'invoices' }), 'payload/hydrate/url: does not go with a "topic"'],
    [bound({ topic: 'a b' }), 'payload/hydrate/topic: must be the name'],
    [bound({ topic: 'a', key: '{{x}}' }), 'payload/hydrate/key: '],
    [bound({ url, key: 'a' }), 'payload/hydrate/key: goes with a "topic" only'],
    [bound({ topic: 'a', auth: { type: 'bearer', token: 't' } }), 'payload/hydrate/auth: does not go'],
    [bound({ url, headers: { Host: 'x' } }), 'payload/hydrate/headers/Host: '],
    [
      bound({ url, auth: { type: 'bearer', token: 't' }, headers: { Authorization: 'x' } }),
      'payload/hydrate/headers/Authorization: is set by "auth"',
    ],
  ])('is refused, %j', (request, message) => {
    expect(faults(request)).toEqual([expect.stringContaining(message)]);
  });
});
