import { describe, expect, it } from '@jest/globals';
import { parseSimulateOptions } from './options.js';

const parse = (...args: string[]) => parseSimulateOptions(args, ['a', 'b']);

describe('options of simulate', () => {
  it('plays 400 seeds of every scenario unless told otherwise', () => {
    expect(parse()).toMatchObject({ scale: false, scenarios: [], from: 1, seeds: 400, seconds: 20 });
    expect(parse('--scenario', 'a', '--from', '15', '--seeds', '1')).toMatchObject({
      scenarios: ['a'],
      from: 15,
      seeds: 1,
    });
    expect(parse('scale', '--rate', '50')).toMatchObject({ scale: true, perSecond: 50 });
  });

  it.each([
    [['--scenario', 'c'], 'no such scenario: c (a, b)'],
    [['--seeds', 'many'], '--seeds takes a whole number from 1 to 1000000000, not many'],
    [['all'], 'there is no all, only scale'],
  ])('refuses %j', (args, why) => {
    expect(parse(...args)).toBe(why);
  });

  it('refuses an option that it does not have', () => {
    expect(parse('--sedes', '3')).toContain('--sedes');
  });
});
