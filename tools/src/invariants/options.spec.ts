import { describe, expect, it } from '@jest/globals';
import { parseInvariantOptions } from './options.js';

describe('options of test:invariants', () => {
  it('plays every scenario once, by a seed of its own, unless told otherwise', () => {
    const options = parseInvariantOptions([], () => 7);
    expect(options).toEqual({ scenarios: [], seeds: [7], events: undefined, help: false });
  });

  it('takes scenarios, seeds that follow on the first, and a number of events', () => {
    const args = ['--scenario', 'kills', '--scenario', 'zombies', '--seed', '21', '--seeds', '2', '--events', '500'];
    expect(parseInvariantOptions(args)).toEqual({
      scenarios: ['kills', 'zombies'],
      seeds: [21, 22],
      events: 500,
      help: false,
    });
  });

  it.each([
    [['--seeds', '0'], '--seeds takes a whole number from 1 to 10000000, not 0'],
    [['--events', 'many'], '--events takes a whole number from 1 to 10000000, not many'],
  ])('refuses %j', (args, why) => expect(parseInvariantOptions(args)).toBe(why));
});
