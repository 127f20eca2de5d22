import { SecretBox } from '@hookstream/contracts';
import { describe, expect, it } from '@jest/globals';
import { sealEndpoint, secretFingerprint } from './endpoint-credentials.js';
import { newSubscription, replaced, type SubscriptionState } from './subscription-state.js';
import { patchedRequest } from './patched-request.js';
import { subscriptionRequest } from './subscription-request.js';
import { asRequest, viewSubscription } from './subscription-view.js';

const box = new SecretBox([{ id: 'k1', key: Buffer.alloc(32, 1) }]);
const owner = { organization: 'org_default', subscription: 'sub_1' };
const url = 'https://hooks.example/in';
const oauth = { type: 'oauth2-client-credentials', tokenUrl: 'https://tokens.example/t', clientId: 'c' };

function sealed(request: unknown, present?: SubscriptionState) {
  const parsed = subscriptionRequest.parse(request);
  return { parsed, outcome: sealEndpoint(box, owner, parsed.endpoint, present?.settings.endpoint) };
}

function stored(auth: object): SubscriptionState {
  const { parsed, outcome } = sealed({ endpoint: { url, auth } });
  if (!outcome.ok) throw new Error('refused');
  return newSubscription(parsed, {
    id: 'sub_1',
    organization: 'org_default',
    sealedSecrets: [],
    sealedEndpoint: outcome.value,
    startInactive: false,
    now: new Date(0),
  });
}

function changed(state: SubscriptionState, request: unknown): SubscriptionState {
  const { parsed, outcome } = sealed(request, state);
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.rejection));
  return replaced(state, parsed, [], outcome.value, new Date(1));
}

const refusalOf = (state: SubscriptionState | undefined, request: unknown) => {
  const { outcome } = sealed(request, state);
  return outcome.ok ? undefined : outcome.rejection;
};

function faults(auth: object, headers: Record<string, string> = {}): string[] {
  const read = subscriptionRequest.safeParse({ endpoint: { url, headers, auth } });
  return read.error?.issues.map(({ path }) => path.join('/')) ?? [];
}

const WITH_SECRETS = [
  { type: 'basic', username: 'u', password: 'hunter22' },
  { type: 'bearer', token: 'hunter22' },
  { type: 'header', name: 'X-Key', value: 'hunter22' },
  { ...oauth, clientSecret: 'hunter22', scope: 's', audience: 'a', clientAuthentication: 'client_secret_post' },
];

describe('the secret of an endpoint', () => {
  it.each(WITH_SECRETS)('of $type is sealed, never shown, and opens for its subscription alone', (auth) => {
    const state = stored(auth);
    expect(JSON.stringify(state)).not.toContain('hunter22');
    const text = state.settings.endpoint.auth?.sealed ?? '';
    expect(box.open(text, owner).toString()).toBe('hunter22');
    expect(() => box.open(text, { ...owner, subscription: 'sub_2' })).toThrow();
    const view = viewSubscription(state).endpoint.auth;
    expect(view).toMatchObject({ type: auth.type, fingerprint: secretFingerprint(text) });
    expect(JSON.stringify(view)).not.toContain(text);
  });

  it.each(WITH_SECRETS)('of $type stays as it is where a request does not give it, or gives the same', (auth) => {
    const state = stored(auth);
    expect(changed(state, asRequest(state))).toBe(state);
    expect(changed(state, { ...asRequest(state), endpoint: { url, auth } })).toBe(state);
    const other = changed(state, patchedRequest(state, { description: 'new' }));
    expect(other.settings.endpoint.auth).toEqual(state.settings.endpoint.auth);
  });

  it.each([
    [{ type: 'basic', username: 'u' }, 'password'],
    [{ type: 'bearer' }, 'token'],
    [{ type: 'header', name: 'X-Key' }, 'value'],
    [oauth, 'clientSecret'],
  ])('must be given first: %j', (auth, field) => {
    const expected = { kind: 'field', pointer: `/endpoint/auth/${field}`, message: 'must be given' };
    expect(refusalOf(undefined, { endpoint: { url, auth } })).toEqual(expected);
    const other = stored(
      auth.type === 'bearer' ? { type: 'basic', username: 'u', password: 'p' } : { type: 'bearer', token: 't' },
    );
    expect(refusalOf(other, { endpoint: { url, auth } })).toEqual(expected);
  });

  it('must be given again where it would be sent elsewhere', () => {
    const basic = stored({ type: 'basic', username: 'u', password: 'p' });
    const elsewhere = patchedRequest(basic, { endpoint: { url: 'https://other.example/' } });
    expect(refusalOf(basic, elsewhere)).toMatchObject({ message: expect.stringContaining('another origin') });
    expect(refusalOf(basic, patchedRequest(basic, { endpoint: { url: `${url}/2` } }))).toBeUndefined();
    const client = stored({ ...oauth, clientSecret: 's' });
    const tokens = patchedRequest(client, { endpoint: { auth: { tokenUrl: 'https://other.example/' } } });
    expect(refusalOf(client, tokens)).toMatchObject({ pointer: '/endpoint/auth/clientSecret' });
  });

  it('goes with the type it belongs to', () => {
    const state = stored({ type: 'basic', username: 'u', password: 'p' });
    const patch = { endpoint: { auth: { type: 'bearer', token: 't-1' } } };
    expect(changed(state, patchedRequest(state, patch)).settings.endpoint.auth).toMatchObject({ type: 'bearer' });
    const none = changed(state, patchedRequest(state, { endpoint: { auth: null } }));
    expect(none.settings.endpoint).not.toHaveProperty('auth');
    expect(viewSubscription(none).endpoint.auth).toEqual({ type: 'none' });
  });

  it.each([
    [{ type: 'digest' }, 'endpoint/auth/type'],
    [{ type: 'basic', username: 'a:b', password: 'p' }, 'endpoint/auth/username'],
    [{ type: 'basic', username: 'a', password: 'p\n' }, 'endpoint/auth/password'],
    [{ type: 'bearer', token: 'a b' }, 'endpoint/auth/token'],
    [{ type: 'header', name: 'Host', value: 'a' }, 'endpoint/auth/name'],
    [{ type: 'header', name: 'X-A', value: 'a\r\nb: c' }, 'endpoint/auth/value'],
    [{ ...oauth, tokenUrl: 'https://u:p@tokens.example/' }, 'endpoint/auth/tokenUrl'],
    [{ ...oauth, clientAuthentication: 'private_key_jwt' }, 'endpoint/auth/clientAuthentication'],
    [{ type: 'bearer', password: 'p' }, 'endpoint/auth'],
  ])('is refused in %j', (auth, pointer) => expect(faults(auth)).toEqual([pointer]));

  it('cannot stand beside a header of the same name', () => {
    expect(faults({ type: 'bearer', token: 't' }, { Authorization: 'x' })).toEqual(['endpoint/headers/Authorization']);
    expect(faults({ type: 'header', name: 'x-key', value: 'v' }, { 'X-Key': 'x', Authorization: 'y' })).toEqual([
      'endpoint/headers/X-Key',
    ]);
  });
});
