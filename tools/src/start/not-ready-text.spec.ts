import { describe, expect, it } from '@jest/globals';
import { notReadyText } from './not-ready-text.js';

describe('notReadyText', () => {
  it('names the checks that fail', () => {
    const body = { ready: false, checks: { kafka: { reason: 'not connected' }, database: 'ok' } };
    expect(notReadyText(JSON.stringify(body))).toBe('kafka not connected');
  });

  it('passes on what it does not understand', () => {
    expect(notReadyText('not listening yet')).toBe('not listening yet');
  });
});
