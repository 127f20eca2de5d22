import { describe, expect, it } from '@jest/globals';
import { countLine, countRun, sum } from './count.js';

const result = (overrides: Record<string, number> = {}) =>
  JSON.stringify({
    numPassedTests: 3,
    numFailedTests: 0,
    numPendingTests: 1,
    numTodoTests: 1,
    numRuntimeErrorTestSuites: 0,
    ...overrides,
  });

describe('countRun', () => {
  it('counts passed, failed and skipped tests', () => {
    expect(countRun(result({ numFailedTests: 2 }), 1)).toEqual({ passed: 3, failed: 2, skipped: 2 });
  });

  it('counts a suite that cannot be loaded as a failure', () => {
    expect(countRun(result({ numRuntimeErrorTestSuites: 1 }), 1)).toMatchObject({ failed: 1 });
  });

  it('counts a run without a result, or one that fails for no test, as a failure', () => {
    expect(countRun(undefined, 1)).toEqual({ passed: 0, failed: 1, skipped: 0 });
    expect(countRun(result(), 1)).toMatchObject({ failed: 1 });
  });

  it('finds nothing wrong with a run that has no tests', () => {
    expect(countRun(undefined, 0)).toEqual({ passed: 0, failed: 0, skipped: 0 });
  });
});

describe('countLine', () => {
  it('prints the sum of all runs', () => {
    expect(countLine(sum([countRun(result(), 0), countRun(result({ numFailedTests: 1 }), 1)]))).toBe(
      '6 passed, 1 failed, 4 skipped',
    );
  });
});
