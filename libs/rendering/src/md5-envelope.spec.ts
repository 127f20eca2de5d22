import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { renderPayload } from './render-payload.js';
import { type RenderableEvent } from './renderable-event.js';

const md5 = (payload: Buffer | string) => createHash('md5').update(payload).digest('hex');
const event: RenderableEvent = {
  ...{ id: 'e-1', source: '/shop', type: 'ping', time: '2016-06-21T16:26:50Z' },
  data: Buffer.from('{"epoch_timestamp": 1466526410, "note": "</payload> ä"}'),
};
const sent = (format: 'json' | 'form' | 'xml', digest = md5) => {
  const rendered = renderPayload(format, event, digest);
  if (!rendered.ok) throw new Error(rendered.detail);
  return { ...rendered, text: rendered.body.toString() };
};
const JSON_PAYLOAD =
  '{"type":"ping","timestamp":"2016-06-21T16:26:50Z","data":{"epoch_timestamp": 1466526410, "note": "</payload> ä"}}';

describe('an MD5 in the envelope', () => {
  it('stands beside a JSON payload, over its bytes as they were sent', () => {
    const { body, text, headers } = sent('json');
    expect(text).toBe(`{"payload":${JSON_PAYLOAD},"md5":"${md5(JSON_PAYLOAD)}"}`);
    expect(md5(body.subarray(11, -42))).toBe(headers?.['hookstream-payload-md5']);
    expect(JSON.parse(text)).toMatchObject({ payload: { type: 'ping' }, md5: md5(JSON_PAYLOAD) });
  });

  it('stands beside an XML payload, over what is between its tags', () => {
    const { text, contentType } = sent('xml');
    const payload = text.slice(text.indexOf('<payload>') + 9, text.lastIndexOf('</payload>'));
    expect(payload).toContain('<epoch_timestamp>1466526410</epoch_timestamp>');
    expect(text).toBe(
      `<?xml version="1.0" encoding="UTF-8"?><notification><payload>${payload}</payload><md5>${md5(payload)}</md5></notification>`,
    );
    expect(contentType).toBe('application/xml; charset=utf-8');
  });

  it('is a field beside the payload of a form, over its text', () => {
    const fields = new URLSearchParams(sent('form').text);
    expect([...fields]).toEqual([
      ['payload', JSON_PAYLOAD],
      ['md5', md5(JSON_PAYLOAD)],
    ]);
  });

  it('can be given as it was, for the log to make the same body again', () => {
    expect(sent('json', () => 'abc').text).toBe(`{"payload":${JSON_PAYLOAD},"md5":"abc"}`);
  });

  it('is refused by a format without an envelope, and beside data that is not JSON', () => {
    expect(() => renderPayload('raw', event, md5)).toThrow('no room');
    const broken = { ...event, data: Buffer.from('{') };
    for (const format of ['json', 'form', 'xml'] as const) {
      expect(renderPayload(format, broken, md5)).toMatchObject({ ok: false, reason: 'invalid-json' });
    }
  });
});
