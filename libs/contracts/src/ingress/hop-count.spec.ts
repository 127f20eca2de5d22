import { describe, expect, it } from '@jest/globals';
import { PoisonRecord } from '@hookstream/domain';
import { deliveredExtensions, hopsExtension, nextHops } from './hop-count.js';

describe('hopsExtension', () => {
  it('keeps what an event of ours says of itself, by header or extension', () => {
    expect(hopsExtension('3', [])).toEqual(['hookstreamhops', '3']);
    expect(hopsExtension('2', [['hookstreamhops', '5']])).toEqual(['hookstreamhops', '5']);
  });

  it.each([undefined, '', '-1', '1e3', 'many', '0'])('takes %j for an event of a producer', (header) => {
    expect(hopsExtension(header, [])).toBeUndefined();
  });

  it('refuses an event that has come round too often', () => {
    expect(hopsExtension('8', [])).toEqual(['hookstreamhops', '8']);
    expect(() => hopsExtension('9', [])).toThrow(PoisonRecord);
    expect(() => hopsExtension(undefined, [['hookstreamhops', '9999']])).toThrow('an endpoint sends back');
  });
});

describe('nextHops', () => {
  it('counts the delivery that is about to be made', () => {
    expect(nextHops({})).toBe('1');
    expect(nextHops({ extensions: { hookstreamhops: '7' } })).toBe('8');
    expect(deliveredExtensions({})).toEqual({ hookstreamhops: '1' });
    expect(deliveredExtensions({ extensions: { a: 'b', hookstreamhops: '7' } })).toEqual({
      a: 'b',
      hookstreamhops: '8',
    });
  });
});
