import { describe, expect, it } from '@jest/globals';
import { problemsOf, resultsTable, type InvariantResult } from './results.js';

const run: InvariantResult = {
  scenario: 'kills',
  seed: 7,
  events: 10_000,
  deliveries: 11_000,
  requests: 11_200,
  attempts: 11_190,
  duplicates: 10,
  inFlight: 9,
  repeats: 0,
  missing: 0,
  states: { delivered: 11_000 },
  redeliveryMs: { 'kill dispatcher': 7_900, 'kill broker': 14_000 },
  problems: [],
};

describe('results of test:invariants', () => {
  it('are a row for each run and one for all', () => {
    const [head = '', row = '', total = ''] = resultsTable([run]);
    expect(head).toContain('missing');
    expect(row).toMatch(
      /^kills\s+7\s+10,000\s+11,000\s+11,190\s+10\s+9\s+0\s+0\s+kill dispatcher 7.9, kill broker 14.0$/,
    );
    expect(total).toMatch(/^in all\s+10,000/);
  });

  it('are without problem when duplicates are few and what was in flight came within ten seconds', () => {
    expect(problemsOf([run])).toEqual([]);
  });

  it('tell of a late redelivery, of too many duplicates in all, and of what a run itself has found', () => {
    const bad = {
      ...run,
      duplicates: 30,
      redeliveryMs: { 'kill router': 10_001 },
      problems: ['steady: never ended: 3'],
    };
    expect(problemsOf([bad])).toEqual([
      'kills, seed 7: steady: never ended: 3',
      'kills, seed 7: 10001 ms until the last redelivery after "kill router"',
      '30 duplicates of 11000 deliveries in all',
    ]);
  });
});
