import { describe, expect, it } from '@jest/globals';
import { findTag, taggedData } from './event-tag.js';

describe('an event tag', () => {
  const tag = { phase: 12, number: 34_567 };

  it('is found again in JSON of exactly the size asked for', () => {
    const data = taggedData(tag, 1_024);
    expect(data).toHaveLength(1_024);
    expect(JSON.parse(data.toString())).toMatchObject({ bench: '0012-00034567' });
    expect(findTag(data, 0, data.length)).toEqual(tag);
  });

  it('is found inside an envelope', () => {
    const body = Buffer.concat([Buffer.from('{"type":"x","data":'), taggedData(tag, 64), Buffer.from('}')]);
    expect(findTag(body, 0, body.length)).toEqual(tag);
  });

  it('is not taken from what follows the body', () => {
    const body = Buffer.concat([Buffer.from('{}'), taggedData(tag, 64)]);
    expect(findTag(body, 0, 2)).toBeUndefined();
  });

  it('is not seen where there are no digits', () => {
    const body = Buffer.from('{"bench":"0012-0003456x"}');
    expect(findTag(body, 0, body.length)).toBeUndefined();
  });
});
