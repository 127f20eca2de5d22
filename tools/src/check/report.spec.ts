import { describe, expect, it } from '@jest/globals';
import { checkReport } from './report.js';

describe('checkReport', () => {
  it('names every step and the remedy of those that failed', () => {
    const report = checkReport([
      { name: 'format', remedy: 'npm run format', passed: false, seconds: 1.24 },
      { name: 'dead code', remedy: 'remove it', passed: true, seconds: 12 },
    ]);
    expect(report.split('\n')).toEqual([
      'FAILED  format        1.2 s  (npm run format)',
      'ok      dead code    12.0 s',
    ]);
  });
});
