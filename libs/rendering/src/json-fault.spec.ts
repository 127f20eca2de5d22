import { describe, expect, it } from '@jest/globals';
import { MAX_JSON_DEPTH, findJsonFault } from './json-fault.js';

const fault = (text: string | Buffer) => findJsonFault(Buffer.from(text));

describe('JSON that is well-formed', () => {
  it.each([
    'null',
    'true',
    'false',
    '0',
    '-0',
    '-1.5e+10',
    '1E5',
    '0.0',
    '""',
    '"\\u00fF\\"\\/"',
    '"\\ud800"',
    '[]',
    '{}',
    '[[],{}]',
    ' [ 1 , {"a" : [ null ] , "" : "x" } ] \r\n\t',
    '"\u007f\u2028 😀"',
    '{"a":1,"a":2}',
  ])('passes: %j', (text) => {
    expect(fault(text)).toBeUndefined();
  });
});

describe('what is not JSON', () => {
  it.each([
    ['', 0],
    ['  ', 2],
    ['nul', 3],
    ['nulL', 3],
    ['+1', 0],
    ['01', 1],
    ['-', 1],
    ['1.', 2],
    ['.5', 0],
    ['1e', 2],
    ['1e+', 3],
    ['0x1', 1],
    ['"a', 2],
    ['"\n"', 1],
    ['"\\x"', 2],
    ['"\\u12g4"', 5],
    ['"\\', 2],
    ["'a'", 0],
    ['[1,]', 3],
    ['[1 2]', 3],
    ['[', 1],
    ['[}', 1],
    ['[1}', 2],
    [']', 0],
    ['{"a":1,}', 7],
    ['{a:1}', 1],
    ['{"a"}', 4],
    ['{"a":}', 5],
    ['{"a":1', 6],
    ['{1:2}', 1],
    ['{]', 1],
    ['{} {}', 3],
    ['1,', 1],
    ['NaN', 0],
    ['undefined', 0],
    ['/**/1', 0],
    ['\uFEFF1', 0],
    ['\u00a01', 0],
    ['\u000b1', 0],
    ['"\u0000"', 1],
  ])('%j is refused at byte %i', (text, position) => {
    expect(fault(text)?.position).toBe(position);
  });

  it.each([
    ['a lone continuation byte', [0x22, 0x80, 0x22], 1],
    ['an overlong form', [0x22, 0xc0, 0xaf, 0x22], 1],
    ['a surrogate', [0x22, 0xed, 0xa0, 0x80, 0x22], 1],
    ['a sequence cut short', [0x22, 0xe2, 0x82], 1],
    ['UTF-16', [0x31, 0x00], 1],
  ])('%s is refused', (_, bytes, position) => {
    expect(fault(Buffer.from(bytes))?.position).toBe(position);
  });

  it('says whether it is not UTF-8, ends too soon or is nested too deep', () => {
    expect(fault(Buffer.from([0x22, 0xff, 0x22]))?.detail).toBe('the data is not valid UTF-8');
    expect(fault('{"a":')?.detail).toBe('the JSON ends too soon');
    expect(fault('{"a":x}')?.detail).toBe('the data is not JSON');
  });
});

describe('nesting', () => {
  const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);

  it('passes up to the bound, also of objects and side by side', () => {
    expect(fault(nested(MAX_JSON_DEPTH))).toBeUndefined();
    expect(fault('{"a":'.repeat(MAX_JSON_DEPTH) + '1' + '}'.repeat(MAX_JSON_DEPTH))).toBeUndefined();
    expect(fault(`[${'[],'.repeat(2_000)}[]]`)).toBeUndefined();
  });

  it('is refused beyond it, however deep, and without recursion', () => {
    const tooDeep = { position: MAX_JSON_DEPTH, detail: 'the JSON is nested deeper than 512 levels' };
    expect(fault(nested(MAX_JSON_DEPTH + 1))).toEqual(tooDeep);
    expect(fault('['.repeat(1_000_000))).toEqual(tooDeep);
  });
});
