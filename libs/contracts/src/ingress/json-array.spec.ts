import { describe, expect, it } from '@jest/globals';
import { splitJsonArray } from './json-array.js';

const split = (text: string) => splitJsonArray(Buffer.from(text))?.map(String);

describe('splitJsonArray', () => {
  it('gives each element the bytes it was written as', () => {
    expect(split(' [ {"a": 1.0, "b":[1,2]} ,"x,]", 1e2,null,[ ] ]\n')).toEqual([
      '{"a": 1.0, "b":[1,2]}',
      '"x,]"',
      '1e2',
      'null',
      '[ ]',
    ]);
  });

  it('knows the empty array', () => expect(split('[ ]')).toEqual([]));

  it.each(['{}', '"[]"', '[1', '[1,]', '', '[1] [2]'])('refuses %j', (text) => expect(split(text)).toBeUndefined());

  it('refuses what is not UTF-8', () =>
    expect(splitJsonArray(Buffer.from([0x5b, 0x22, 0xff, 0x22, 0x5d]))).toBeUndefined());
});
