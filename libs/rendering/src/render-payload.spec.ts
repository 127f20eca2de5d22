import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { renderPayload } from './render-payload.js';
import { type RenderableEvent } from './renderable-event.js';

const event = (data: Buffer | string, over: Partial<RenderableEvent> = {}): RenderableEvent => ({
  id: 'inv-7',
  source: '/billing',
  type: 'invoice.submitted',
  time: '2022-11-03T20:26:10.344522Z',
  data: Buffer.from(data),
  ...over,
});

function rendered(input: RenderableEvent): string {
  const result = renderPayload('json', input);
  if (!result.ok) throw new Error(result.detail);
  expect(result.contentType).toBe('application/json');
  return result.body.toString('utf8');
}

const head = '{"type":"invoice.submitted","timestamp":"2022-11-03T20:26:10.344522Z",';

describe('the Standard Webhooks envelope', () => {
  it('holds JSON data byte by byte, numbers and spaces as they came', () => {
    const data = ' {"id": 12345678901234567890.10, "a":1,"a":2}\n';
    expect(rendered(event(data))).toBe(`${head}"data":${data}}`);
  });

  it('holds text as a JSON string', () => {
    expect(rendered(event('grüß "dich"\n', { contentType: 'text/plain' }))).toBe(`${head}"data":"grüß \\"dich\\"\\n"}`);
  });

  it('holds other data in base64', () => {
    const data = Buffer.from([0, 1, 255]);
    expect(rendered(event(data, { contentType: 'image/png' }))).toBe(`${head}"data_base64":"AAH/"}`);
  });

  it('holds text that is not UTF-8 in base64', () => {
    const data = Buffer.from([0x67, 0xfc]);
    expect(rendered(event(data, { contentType: 'text/plain' }))).toBe(`${head}"data_base64":"Z/w="}`);
  });

  it.each([undefined, 'application/json', 'text/plain', 'image/png'])(
    'of an event without data (%s) says null',
    (contentType) => {
      expect(rendered(event('', { contentType }))).toBe(`${head}"data":null}`);
    },
  );

  it("gives the event's time in UTC and escapes its type", () => {
    const input = event('1', { type: 'a"b', time: '2022-11-03T22:26:10+02:00' });
    expect(rendered(input)).toBe('{"type":"a\\"b","timestamp":"2022-11-03T20:26:10Z","data":1}');
  });

  it('refuses JSON data that is not JSON and says where, without repeating it', () => {
    expect(renderPayload('json', event('{"secret":oops}'))).toEqual({
      ok: false,
      reason: 'invalid-json',
      detail: 'the data is not JSON (byte 10)',
      position: 10,
    });
  });

  it('is JSON that holds what the event held, and the same bytes each time', () => {
    const kinds = fc.oneof(
      fc.json().map((text) => ({ contentType: 'application/json', data: Buffer.from(text) })),
      fc.string({ unit: 'binary' }).map((text) => ({ contentType: 'text/plain', data: Buffer.from(text) })),
      fc.uint8Array().map((bytes) => ({ contentType: 'application/octet-stream', data: Buffer.from(bytes) })),
    );
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), kinds, (type, { contentType, data }) => {
        const input = event(data, { type, contentType });
        const text = rendered(input);
        expect(rendered(input)).toBe(text);

        const parsed: unknown = JSON.parse(text);
        const expected =
          data.length === 0
            ? { data: null }
            : contentType === 'application/json'
              ? { data: JSON.parse(data.toString()) as unknown }
              : contentType === 'text/plain'
                ? { data: data.toString('utf8') }
                : { data_base64: data.toString('base64') };
        expect(parsed).toEqual({ type, timestamp: input.time, ...expected });
      }),
    );
  });
});
