import { describe, expect, it } from '@jest/globals';
import { unfitBatch } from './batch-fields.js';
import { patchedRequest } from './patched-request.js';
import { newSubscription, replaced } from './subscription-state.js';
import { subscriptionRequest } from './subscription-request.js';
import { asRequest, viewSubscription } from './subscription-view.js';

const endpoint = { url: 'https://hooks.example/in' };
const read = (request: object) => subscriptionRequest.parse({ endpoint, ...request });
const batched = (batch: object | null = {}) => read({ payload: { batch } });
const state = (batch: object | null) =>
  newSubscription(batched(batch), {
    ...{ id: 'sub_1', organization: 'org_default', sealedSecrets: [], sealedEndpoint: {}, startInactive: false },
    now: new Date(0),
  });

describe('a subscription that takes several events in a request', () => {
  it('takes up to 100 and waits a second for them, unless it says otherwise, and answers what it was given', () => {
    expect(viewSubscription(state({})).payload.batch).toEqual({ maxEntries: 100, maxWait: '1s' });
    const given = state({ maxEntries: 1_000, maxWait: '0ms' });
    expect(given.settings.payload.batch).toEqual({ maxEntries: 1_000, maxWaitMs: 0 });
    const request = subscriptionRequest.parse(asRequest(given));
    expect(replaced(given, request, given.sealedSecrets, {}, new Date(1))).toBe(given);
  });

  it('is one no more when a patch says null', () => {
    const request = subscriptionRequest.parse(patchedRequest(state({}), { payload: { batch: null } }));
    expect(request.payload.batch).toBeNull();
    expect(state(null).settings.payload).toEqual({ format: 'json' });
  });

  it.each([
    [{ maxEntries: 1 }, 'maxEntries'],
    [{ maxEntries: 1_001 }, 'maxEntries'],
    [{ maxWait: '6s' }, 'maxWait'],
    [{ size: 3 }, 'batch'],
  ])('is refused with %j', (batch, field) => {
    const { error } = subscriptionRequest.safeParse({ endpoint, payload: { batch } });
    expect(error?.issues.map(({ path }) => path.at(-1))).toEqual([field]);
  });

  it.each([
    [{ payload: { format: 'xml', batch: {} } }, '/payload/batch', 'not with "xml"'],
    [{ payload: { batch: {} }, ordering: { mode: 'fifo' } }, '/payload/batch', 'fifo'],
    [{ payload: { batch: {} }, signing: { scheme: 'md5' } }, '/payload/batch', 'md5'],
    [
      { payload: { batch: {} }, endpoint: { ...endpoint, headers: { 'X-Type': 'a {{ event.type }}' } } },
      '/endpoint/headers/X-Type',
      'several',
    ],
  ])('is refused with %j at %s', (request, pointer, words) => {
    expect(unfitBatch(read(request))).toMatchObject({ pointer, message: expect.stringContaining(words) });
  });

  it('goes with the other formats that have a shape for several, and with places for the subscription', () => {
    const headers = { 'X-Sub': '{{subscription.id}}', 'X-First': '{{delivery.id}}' };
    expect(unfitBatch(read({ endpoint: { ...endpoint, headers }, payload: { batch: {} } }))).toBeUndefined();
    expect(unfitBatch(read({ payload: { format: 'cloudevents-structured', batch: {} } }))).toBeUndefined();
    expect(unfitBatch(read({ payload: { format: 'template', template: 'entries', batch: {} } }))).toBeUndefined();
    expect(unfitBatch(read({ payload: { format: 'xml' } }))).toBeUndefined();
  });
});
