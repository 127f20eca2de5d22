import { describe, expect, it } from '@jest/globals';
import { renderPayload } from './render-payload.js';
import { type RenderableEvent } from './renderable-event.js';

const event = (over: Partial<RenderableEvent> = {}): RenderableEvent => ({
  id: 'inv-7',
  source: '/billing',
  type: 'invoice.submitted',
  time: '2022-11-03T20:26:10.344522Z',
  contentType: 'application/json',
  data: Buffer.from('{"amount": 7.10}'),
  ...over,
});

function structured(over: Partial<RenderableEvent> = {}): string {
  const result = renderPayload('cloudevents-structured', event(over));
  if (!result.ok) throw new Error(result.detail);
  expect(result.contentType).toBe('application/cloudevents+json; charset=utf-8');
  return result.body.toString('utf8');
}

describe('a CloudEvent in binary mode', () => {
  it('is the data as produced, with the attributes in headers', () => {
    const over = { subject: 's', dataSchema: 'urn:x', extensions: { partitionkey: 'p' } };
    expect(renderPayload('cloudevents-binary', event(over))).toEqual({
      ok: true,
      body: event().data,
      contentType: 'application/json',
      headers: {
        'ce-specversion': '1.0',
        'ce-id': 'inv-7',
        'ce-source': '/billing',
        'ce-type': 'invoice.submitted',
        'ce-time': '2022-11-03T20:26:10.344522Z',
        'ce-subject': 's',
        'ce-dataschema': 'urn:x',
        'ce-partitionkey': 'p',
      },
    });
  });

  it.each([
    // The example of the specification, §3.1.3.2.
    ['Euro € 😀', 'Euro%20%E2%82%AC%20%F0%9F%98%80'],
    ['"100%"', '%22100%25%22'],
    ['a\r\nx-injected: 1', 'a%0D%0Ax-injected:%201'],
    ["!#$&'()*+,-./:;<=>?@[\\]^_`{|}~", "!#$&'()*+,-./:;<=>?@[\\]^_`{|}~"],
  ])('writes %j as %s', (subject, written) => {
    expect(renderPayload('cloudevents-binary', event({ subject }))).toMatchObject({
      headers: { 'ce-subject': written },
    });
  });

  it('passes on what is no JSON, and says nothing of data that is not there', () => {
    expect(renderPayload('cloudevents-binary', event({ data: Buffer.from('{oops') }))).toMatchObject({ ok: true });
    const empty = event({ data: Buffer.alloc(0), contentType: undefined });
    expect(renderPayload('cloudevents-binary', empty)).toMatchObject({ contentType: undefined });
  });
});

describe('a CloudEvent in structured mode', () => {
  it('holds JSON data byte by byte beside the attributes', () => {
    expect(structured({ extensions: { level: '5' } })).toBe(
      '{"specversion":"1.0","id":"inv-7","source":"/billing","type":"invoice.submitted","time":"2022-11-03T20:26:10.344522Z",' +
        '"level":"5","datacontenttype":"application/json","data":{"amount": 7.10}}',
    );
  });

  it.each([
    ['text/plain', 'grüß', { data: 'grüß' }],
    ['image/png', 'abc', { data_base64: 'YWJj' }],
    ['application/json', '', {}],
  ])('holds data of %s', (contentType, data, held) => {
    const parsed: unknown = JSON.parse(structured({ contentType, data: Buffer.from(data) }));
    expect(parsed).toMatchObject({ datacontenttype: contentType, ...held });
    expect(Object.keys(parsed ?? {}).filter((name) => name.startsWith('data'))).toHaveLength(
      1 + Object.keys(held).length,
    );
  });

  it('refuses data that is not the JSON it says it is', () => {
    expect(renderPayload('cloudevents-structured', event({ data: Buffer.from('{"a":') }))).toMatchObject({
      ok: false,
      reason: 'invalid-json',
    });
  });
});

describe('a raw payload', () => {
  it('is the bytes as produced under their own content type, whatever they are', () => {
    const data = Buffer.from([0, 255]);
    expect(renderPayload('raw', event({ data, contentType: 'image/png' }))).toEqual({
      ok: true,
      body: data,
      contentType: 'image/png',
    });
  });
});
