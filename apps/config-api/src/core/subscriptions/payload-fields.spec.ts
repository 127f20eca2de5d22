import { describe, expect, it } from '@jest/globals';
import { newSubscription, replaced } from './subscription-state.js';
import { patchedRequest } from './patched-request.js';
import { subscriptionRequest } from './subscription-request.js';
import { asRequest, viewSubscription } from './subscription-view.js';

const endpoint = { url: 'https://hooks.example/in' };
const state = (payload: object) =>
  newSubscription(subscriptionRequest.parse({ endpoint, payload }), {
    ...{ id: 'sub_1', organization: 'org_default', sealedSecrets: [], sealedEndpoint: {}, startInactive: false },
    now: new Date(0),
  });
const faults = (payload: object) => {
  const { error } = subscriptionRequest.safeParse({ endpoint, payload });
  return error?.issues.map(({ path, message }) => `${path.join('/')}: ${message}`) ?? [];
};
const templated = { format: 'template', template: '{ "text": data.name }', contentType: 'application/vnd.x+json' };

describe('the payload of a subscription', () => {
  it('may be made by a template, which is answered as it was written', () => {
    const given = state(templated);
    expect(viewSubscription(given).payload).toEqual({ ...templated, binding: 'event', batch: null });
    const request = subscriptionRequest.parse(asRequest(given));
    expect(replaced(given, request, given.sealedSecrets, {}, new Date(1))).toBe(given);
  });

  it('has no template any more once it has another format', () => {
    const request = subscriptionRequest.parse(
      patchedRequest(state(templated), { payload: { format: 'form-payload' } }),
    );
    expect(request.payload).toEqual({ format: 'form-payload', binding: 'event', batch: null });
  });

  it.each([
    ['xml', { payload: { format: 'xml' } }, { format: 'xml', template: 'data' }],
    ['the other way', { payload: { format: 'template' } }, { format: 'template', template: 'data' }],
    ['as produced', { payload: { format: 'raw' } }, { format: 'raw' }],
    ['by a profile', { profile: 'standard-webhooks' }, { format: 'json' }],
  ])('keeps the template of its own shape where the next format writes it: %s', (_, patch, payload) => {
    const shaped = state({ format: 'json', template: 'data' });
    expect(viewSubscription(shaped).payload).toMatchObject({ format: 'json', template: 'data' });
    const { payload: kept } = subscriptionRequest.parse(patchedRequest(shaped, patch));
    expect(kept).toEqual({ ...payload, binding: 'event', batch: null });
  });

  it.each([
    [{ format: 'template' }, 'payload/template: must be given'],
    [{ format: 'raw', template: 'data' }, 'payload/template: goes with the format'],
    [{ format: 'raw', contentType: 'text/plain' }, 'payload/contentType: goes with the format'],
    [{ ...templated, template: '{ "a": ' }, 'payload/template: line 1, column'],
    [{ ...templated, template: `"${'x'.repeat(16_384)}"` }, 'payload/template: '],
    [{ ...templated, contentType: 'text/plain\r\nx: y' }, 'payload/contentType: must be a media type'],
    [{ format: 'yaml' }, 'payload/format: must be one of'],
  ])('is refused, %j', (payload, message) => {
    expect(faults(payload)).toEqual([expect.stringContaining(message)]);
  });
});
