import { describe, expect, it } from '@jest/globals';
import { selectTiers } from './tiers.js';

const selected = (...args: string[]) => {
  const { tiers, jestArgs } = selectTiers(args);
  return { tiers: tiers.map(({ name }) => name), jestArgs };
};

describe('selectTiers', () => {
  it('runs all without arguments', () => {
    expect(selected()).toEqual({ tiers: ['unit', 'integration', 'e2e'], jestArgs: [] });
  });

  it('runs those that are named first and passes the rest to Jest', () => {
    expect(selected('e2e', 'unit', '-t', 'unit')).toEqual({ tiers: ['unit', 'e2e'], jestArgs: ['-t', 'unit'] });
  });

  it('passes everything to Jest when no tier is named', () => {
    expect(selected('libs/domain')).toEqual({ tiers: ['unit', 'integration', 'e2e'], jestArgs: ['libs/domain'] });
  });
});
