import { describe, expect, it } from '@jest/globals';
import { parseBenchOptions } from './options.js';

describe('parseBenchOptions', () => {
  it('takes the usual scenarios when none is named', () => {
    expect(parseBenchOptions([])).toMatchObject({
      scenarios: ['path', 'drain', 'throughput', 'baseline'],
      events: 20_000,
      dataBytes: 1_024,
      profiled: [],
    });
  });

  it('keeps the order in which scenarios make sense', () => {
    expect(parseBenchOptions(['baseline', 'drain', '--profile', 'router,dispatcher'])).toMatchObject({
      scenarios: ['drain', 'baseline'],
      profiled: ['router', 'dispatcher'],
    });
  });

  it.each([
    [
      ['flood'],
      'no such scenario: flood (path, drain, throughput, baseline, isolation, delays, waiting, propagation, config, routing, formats)',
    ],
    [['--events', 'many'], '--events takes a whole number from 100 to 10000000, not many'],
    [['--events', '1'], '--events takes a whole number'],
    [['--rate', '0'], '--rate takes a whole number'],
    [['--profile', 'kafka'], 'no such service: kafka'],
    [['waiting', '--records', '10'], '--records takes a whole number from 1000'],
    [['--nonsense'], 'nonsense'],
  ])('says what is wrong with %j', (args, told) => {
    expect(parseBenchOptions(args)).toContain(told);
  });
});
