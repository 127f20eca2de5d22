import { describe, expect, it } from '@jest/globals';
import { type SubscriptionState, newSubscription, replaced, subscriptionDocument } from './subscription-state.js';
import { type SubscriptionRequest, subscriptionRequest } from './subscription-request.js';
import { patchedRequest } from './patched-request.js';
import { asRequest, viewSubscription } from './subscription-view.js';

const created = new Date('2026-01-01T00:00:00Z');
const later = new Date('2026-01-02T00:00:00Z');
const endpoint = { url: 'https://hooks.example.com/in' };

const parsed = (more: object = {}): SubscriptionRequest => subscriptionRequest.parse({ endpoint, ...more });
const state = (more: object = {}): SubscriptionState =>
  newSubscription(parsed(more), {
    id: 'sub_1',
    organization: 'org_default',
    sealedSecrets: [{ sealed: 's', fingerprint: 'sha256:1', expiresAtMs: null }],
    sealedEndpoint: {},
    startInactive: false,
    now: created,
  });

/** Pointers of everything that is wrong. */
function faults(request: unknown): string[] {
  return subscriptionRequest.safeParse(request).error?.issues.map(({ path }) => path.join('/')) ?? [];
}

describe('a subscription request', () => {
  it('needs an endpoint and nothing else', () => {
    expect(faults({ endpoint })).toEqual([]);
    expect(faults({})).toEqual(['endpoint']);
    expect(viewSubscription(state())).toMatchObject({ name: 'hooks.example.com', eventTypes: ['**'], active: true });
  });

  it.each([
    'https://user@host.example',
    'https://host.example/#x',
    'https://host.example/#',
    'ftp://host.example',
    'https:/host.example',
    '//host.example',
    'https://ho st.example',
    'https://host.example\\@other',
    'https://',
    `https://host.example/${'x'.repeat(2_048)}`,
    'javascript:alert(1)',
  ])('refuses the URL %s', (url) => expect(faults({ endpoint: { url } })).toEqual(['endpoint/url']));

  it.each([
    'http://127.0.0.1:9000/x?y=z',
    'https://[::1]/',
    'http://2130706433/',
    'https://bücher.example/%C3%A4',
    'HTTPS://HOST.EXAMPLE',
  ])('takes the URL %s: where it leads is judged when it is dialled', (url) =>
    expect(faults({ endpoint: { url } })).toEqual([]),
  );

  it.each([
    ['Host', 'x'],
    ['content-length', '1'],
    ['Content-Type', 'text/plain'],
    ['webhook-signature', 'x'],
    ['Hookstream-Anything', 'x'],
    ['bad name', 'x'],
    ['x-a', 'line\nbreak'],
    ['x-a', ' leading'],
    ['x-a', 'é'],
  ])('refuses the header %s: %j', (name, value) =>
    expect(faults({ endpoint: { ...endpoint, headers: { [name]: value } } })).toEqual([`endpoint/headers/${name}`]),
  );

  it('refuses a header that is given twice in different case', () => {
    expect(faults({ endpoint: { ...endpoint, headers: { 'X-A': '1', 'x-a': '2' } } })).toEqual([
      'endpoint/headers/x-a',
    ]);
  });

  it.each([
    [{ retry: { schedule: ['50ms'] } }, 'retry/schedule/0'],
    [{ retry: { schedule: [5] } }, 'retry/schedule/0'],
    [{ retry: { jitter: 1.1 } }, 'retry/jitter'],
    [{ retry: { maxAge: '31d' } }, 'retry/maxAge'],
    [{ retry: { nonRetryableStatuses: [99] } }, 'retry/nonRetryableStatuses/0'],
    [{ retry: { repeatLast: true, schedule: [] } }, 'retry/schedule'],
    [{ retry: { repeatLast: true, schedule: ['5m', '500ms'] } }, 'retry/schedule'],
    [{ rateLimit: { concurrency: 0 } }, 'rateLimit/concurrency'],
    [{ rateLimit: { perSecond: 0 } }, 'rateLimit/perSecond'],
    [{ onFailure: { warnAfter: 'soon' } }, 'onFailure/warnAfter'],
    [{ onFailure: { warnAfter: ['1d', '100ms'] } }, 'onFailure/warnAfter'],
    [{ onFailure: { deactivateAfter: '91d' } }, 'onFailure/deactivateAfter'],
    [{ onFailure: { minAttempts: 0 } }, 'onFailure/minAttempts'],
    [{ onFailure: { notify: { emails: ['ops@example.com\r\nbcc: x@example.com'] } } }, 'onFailure/notify/emails/0'],
    [{ onFailure: { notify: { emails: ['nobody'] } } }, 'onFailure/notify/emails/0'],
    [{ signing: { scheme: 'hmac' } }, 'signing/scheme'],
    [{ signing: { secret: 'any text' } }, 'signing/secret'],
    [{ signing: { scheme: 'standard-webhooks-v1a', secret: `whsec_${'A'.repeat(32)}` } }, 'signing/secret'],
    [{ signing: { scheme: 'github', secret: '' } }, 'signing/secret'],
    [{ signing: { scheme: 'none', secret: 'x' } }, 'signing/secret'],
    [{ ordering: 'fifo' }, 'ordering'],
    [{ ordering: { mode: 'lifo' } }, 'ordering/mode'],
    [{ ordering: { mode: 'fifo', orderingKey: 'type' } }, 'ordering/orderingKey'],
    [{ ordering: { mode: 'fifo', policy: 'skip' } }, 'ordering/skipAfter'],
    [{ ordering: { mode: 'fifo', skipAfter: 3 } }, 'ordering/skipAfter'],
    [{ ordering: { mode: 'fifo', policy: 'skip', skipAfter: 0 } }, 'ordering/skipAfter'],
    [{ ordering: { orderingKey: 'subject' } }, 'ordering/orderingKey'],
    [{ profile: 'gitlab' }, 'profile'],
    [{ filters: {} }, 'filters'],
    [{ filters: [{ exact: { type: 'a' } }, { not: { cel: '1 +' } }] }, 'filters/1/not/cel'],
    [{ eventTypes: [] }, 'eventTypes'],
    [{ name: 'two\nlines' }, 'name'],
    [{ description: 'NUL \0' }, 'description'],
    [{ metadata: { a: 'lone \ud800' } }, 'metadata/a'],
  ])('refuses %j', (more, pointer) => expect(faults({ endpoint, ...more })).toEqual([pointer]));
});

describe('a stored subscription', () => {
  it('reads back as the request that gives the same settings', () => {
    const given = state({
      retry: { schedule: ['1s', '90s'], maxAge: '2h' },
      endpoint: { ...endpoint, headers: { 'X-A': 'b' }, timeout: '1500ms', successStatuses: [200, '3xx'] },
      rateLimit: { concurrency: 3, perSecond: 2.5 },
      metadata: { team: 'x' },
      filters: [{ all: [{ exact: { type: 'a' } }, { cel: 'data.a > 1' }] }],
    });
    const again = replaced(given, subscriptionRequest.parse(asRequest(given)), given.sealedSecrets, {}, later);
    expect(again).toBe(given);
  });

  const weekLong = {
    retry: { schedule: ['5m', '1h'], repeatLast: true },
    onFailure: { warnAfter: '7d', deactivateAfter: '8d', minAttempts: 3, notify: { emails: ['ops@example.com'] } },
  };

  it('says what happens to an endpoint that fails, with its defaults', () => {
    const notify = { emails: [], events: true };
    expect(viewSubscription(state()).onFailure).toEqual({
      ...{ deactivateOnGone: true, warnAfter: ['1d', '3d'], deactivateAfter: null, minAttempts: 5, notify },
    });
    const given = state(weekLong);
    expect(viewSubscription(given)).toMatchObject({
      retry: { repeatLast: true, maxAge: '7d' },
      onFailure: { ...weekLong.onFailure, warnAfter: ['7d'], notify: { emails: ['ops@example.com'], events: true } },
    });
    expect(subscriptionDocument(given).settings).toMatchObject({
      retry: { repeatLast: true },
      onFailure: { warnAfterMs: [604_800_000], deactivateAfterMs: 691_200_000, minAttempts: 3 },
    });
    expect(replaced(given, subscriptionRequest.parse(asRequest(given)), given.sealedSecrets, {}, later)).toBe(given);
  });

  it.each([
    [{ warnAfter: [] }, { warnAfter: [], deactivateAfter: '8d' }],
    [{ warnAfter: ['2d', '1d', '2d'] }, { warnAfter: ['1d', '2d'] }],
    [{ deactivateAfter: null }, { warnAfter: ['7d'], deactivateAfter: null }],
    [{ notify: { events: false } }, { notify: { emails: ['ops@example.com'], events: false } }],
    [
      { notify: null, minAttempts: null },
      { notify: { emails: [], events: true }, minAttempts: 5 },
    ],
  ])('changes what happens by the patch %j', (onFailure, shown) => {
    const given = state(weekLong);
    const request = subscriptionRequest.parse(patchedRequest(given, { onFailure }));
    expect(viewSubscription(replaced(given, request, [], {}, later)).onFailure).toMatchObject(shown);
  });

  it('takes the settings of a profile that a patch names, under those of the patch, and keeps all else', () => {
    const given = state({ endpoint: { ...endpoint, timeout: '3s' }, metadata: { team: 'x' }, retry: { jitter: 0.5 } });
    const patch = { profile: 'github', endpoint: { timeout: '5s' }, payload: { format: null } };
    const request = subscriptionRequest.parse(patchedRequest(given, patch));
    expect(viewSubscription(replaced(given, request, given.sealedSecrets, {}, later))).toMatchObject({
      profile: 'github',
      endpoint: { url: endpoint.url, timeout: '5s', headers: { 'X-GitHub-Event': '{{event.group}}' } },
      payload: { format: 'json' },
      signing: { scheme: 'github' },
      retry: { schedule: [], jitter: 0.5 },
      metadata: { team: 'x' },
    });
  });

  it('recomputes a maxAge that nobody gave, and keeps one that was given', () => {
    const schedule = ['2h', '2h'];
    expect(viewSubscription(state({ retry: { schedule } })).retry.maxAge).toBe('6h');
    expect(asRequest(state())).not.toHaveProperty('retry.maxAge');
    expect(asRequest(state({ retry: { maxAge: '5h' } }))).toHaveProperty('retry.maxAge', '5h');
  });

  it.each([
    [{}, { mode: 'none' }],
    [{ mode: 'fifo' }, { mode: 'fifo', policy: 'block' }],
    [
      { mode: 'fifo', orderingKey: 'subject', policy: 'skip', skipAfter: 3 },
      { mode: 'fifo', orderingKey: 'subject', policy: 'skip', skipAfter: 3 },
    ],
  ])('keeps the order that is asked for: %j', (ordering, shown) => {
    const given = state({ ordering });
    expect(viewSubscription(given).ordering).toEqual(shown);
    expect(replaced(given, subscriptionRequest.parse(asRequest(given)), given.sealedSecrets, {}, later)).toBe(given);
  });

  const inOrder = { mode: 'fifo', orderingKey: 'subject', policy: 'skip', skipAfter: 3 };
  it.each([
    [{ mode: 'none' }, { mode: 'none' }],
    [null, { mode: 'none' }],
    [{ policy: 'block' }, { mode: 'fifo', orderingKey: 'subject', policy: 'block' }],
    [{ policy: 'pause' }, { mode: 'fifo', orderingKey: 'subject', policy: 'pause' }],
    [{ skipAfter: 5 }, { ...inOrder, skipAfter: 5 }],
    [{ orderingKey: null }, { mode: 'fifo', policy: 'skip', skipAfter: 3 }],
  ])('changes its order by the patch %j', (ordering, shown) => {
    const given = state({ ordering: inOrder });
    const request = subscriptionRequest.parse(patchedRequest(given, { ordering }));
    expect(viewSubscription(replaced(given, request, [], {}, later)).ordering).toEqual(shown);
  });

  it('refuses a patch that itself gives what does not go together', () => {
    const patch = { ordering: { mode: 'none', skipAfter: 2 } };
    expect(faults(patchedRequest(state({ ordering: inOrder }), patch))).toEqual(['ordering/skipAfter']);
  });

  it('cancels former runs only after a re-activation', () => {
    expect(subscriptionDocument(state()).activatedAtMs).toBe(0);
    const off = replaced(state(), parsed({ active: false }), [], {}, later);
    expect(off).toMatchObject({ active: false, inactiveReason: 'by-user', version: 2 });
    const on = replaced(off, parsed({ active: true }), [], {}, later);
    expect(subscriptionDocument(on)).toMatchObject({ active: true, version: 3, activatedAtMs: later.getTime() });
  });

  it('never shows what seals its secrets', () => {
    expect(JSON.stringify(viewSubscription(state()))).not.toContain('sealed');
  });
});
