import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { writeValue } from './written-value.js';

const md5 = (payload: Buffer | string) => createHash('md5').update(payload).digest('hex');
const PING = '{"type":"ping","epoch_timestamp":1466526410}';
const PING_XML = '<type>ping</type><epoch_timestamp>1466526410</epoch_timestamp>';
const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>';
const written = (format: 'json' | 'form' | 'xml', json: string, digest?: typeof md5) =>
  writeValue(format, Buffer.from(json), digest).body.toString();

describe('a value of its own shape', () => {
  it.each([
    ['json', `{"payload":${PING},"md5":"${md5(PING)}"}`],
    ['xml', `${DECLARATION}<notification><payload>${PING_XML}</payload><md5>${md5(PING_XML)}</md5></notification>`],
    ['form', new URLSearchParams({ payload: PING, md5: md5(PING) }).toString()],
  ] as const)('stands in %s as a payload beside its MD5', (format, body) => {
    expect(written(format, PING, md5)).toBe(body);
  });

  it.each([
    ['json', PING, PING],
    ['xml', PING, `${DECLARATION}<notification>${PING_XML}</notification>`],
    ['form', PING, 'type=ping&epoch_timestamp=1466526410'],
    [
      'xml',
      '["a",{"b":null}]',
      `${DECLARATION}<notification><item><item>a</item><item><b nil="true"/></item></item></notification>`,
    ],
    ['form', '["a",{"b":null}]', new URLSearchParams({ 'item[0]': 'a', 'item[1][b]': '' }).toString()],
    ['form', '7', 'item=7'],
  ] as const)('is written in %s: %s', (format, json, body) => {
    expect(written(format, json)).toBe(body);
  });
});
