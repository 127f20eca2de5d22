import { describe, expect, it } from '@jest/globals';
import { JsonText, scalarText } from './json-text.js';

const at = (json: string, pointer: string) => JsonText.of(Buffer.from(json))?.at(pointer)?.toString();

describe('JsonText', () => {
  it.each([
    ['{"a": { "b" : [1, 2 ] } , "c":1}', '/a', '{ "b" : [1, 2 ] }'],
    ['{"a":{"b":[1,{"x":"}"}]}}', '/a/b/1', '{"x":"}"}'],
    ['{"n":12345678901234567890.10}', '/n', '12345678901234567890.10'],
    ['{"a":1,"a":2}', '/a', '2'],
    ['{"a":{"b":1,"b":2}}', '/a/b', '2'],
    ['{"\\u0061":1}', '/a', '1'],
    ['{"a/b":{"m~n":true}}', '/a~1b/m~0n', 'true'],
    ['{"":{"":null}}', '//', 'null'],
    ['[10,[20,30]]', '/1/0', '20'],
    [' {"a":1} ', '', '{"a":1}'],
    ['{"s":"a\\"b\\\\"}', '/s', '"a\\"b\\\\"'],
    ['{"__proto__":5}', '/__proto__', '5'],
    ['"text"', '', '"text"'],
  ])('takes out of %s at %s the bytes as they were written', (json, pointer, expected) => {
    expect(at(json, pointer)).toBe(expected);
  });

  it.each([
    ['{"a":1}', '/b'],
    ['{"a":1}', 'a'],
    ['{"a":1}', '/a/b'],
    ['[1]', '/1'],
    ['[1]', '/-'],
    ['[1]', '/00'],
    ['[]', '/0'],
    ['{}', '/constructor'],
    ['5', '/a'],
  ])('finds nothing in %s at %s', (json, pointer) => {
    expect(at(json, pointer)).toBeUndefined();
  });

  it.each(['', '{', '{"a":}', '1 2', '\ufeff{}', "{'a':1}", 'NaN'])('refuses %j, which is not JSON', (text) => {
    expect(JsonText.of(Buffer.from(text))).toBeUndefined();
  });

  it('refuses bytes that are not UTF-8', () => {
    expect(JsonText.of(Buffer.from([0x22, 0xff, 0x22]))).toBeUndefined();
  });

  it('reads a text nested far deeper than a call stack', () => {
    const depth = 200_000;
    const json = `{"a":${'['.repeat(depth)}${']'.repeat(depth)},"b":1}`;
    expect(at(json, '/b')).toBe('1');
  });
});

describe('scalarText', () => {
  it.each([
    ['"a\\n"', 'a\n'],
    ['1e400', '1e400'],
    ['true', 'true'],
    ['null', null],
    ['[1]', undefined],
    ['{}', undefined],
  ])('of %s is %j', (raw, expected) => {
    expect(scalarText(Buffer.from(raw))).toBe(expected);
  });
});
