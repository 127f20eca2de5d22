import { describe, expect, it } from '@jest/globals';
import { renderPayload } from './render-payload.js';

const event = { id: '1', source: 's', type: 'push', time: '2026-01-02T03:04:05Z' };
const fieldsOf = (data: Buffer, contentType?: string) => {
  const rendered = renderPayload('form-payload', { ...event, data, contentType });
  return rendered.ok ? [...new URLSearchParams(rendered.body.toString())] : rendered.reason;
};

describe('the format form-payload', () => {
  it.each([
    ['{"ref": "refs/heads/a&b=c+d", "n": 1.50}', undefined],
    ['"grüße €"', 'application/json'],
    ['plain & simple', 'text/plain'],
  ])('has the data as produced, %s, in the field payload', (text, contentType) => {
    expect(fieldsOf(Buffer.from(text), contentType)).toEqual([['payload', text]]);
  });

  it('has base64 of other data, null of none, and nothing of what is no JSON', () => {
    expect(fieldsOf(Buffer.from([255]), 'image/png')).toEqual([['payload', '/w==']]);
    expect(fieldsOf(Buffer.alloc(0))).toEqual([['payload', 'null']]);
    expect(fieldsOf(Buffer.from('{'))).toBe('invalid-json');
  });

  it('is a form, encoded like one', () => {
    expect(renderPayload('form-payload', { ...event, data: Buffer.from('{"a b":1}') })).toEqual({
      ok: true,
      body: Buffer.from('payload=%7B%22a+b%22%3A1%7D'),
      contentType: 'application/x-www-form-urlencoded',
    });
  });
});
