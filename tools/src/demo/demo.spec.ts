import { describe, expect, it } from '@jest/globals';
import { parseEnvFile } from './local-env.js';
import { SCENARIOS } from './scenarios.js';
import { lookCommands, timelineLine } from './timeline.js';

describe('the demo', () => {
  it('shows one event of each fate', () => {
    expect(SCENARIOS.map(({ name, subscription }) => [name, subscription?.endsAs])).toEqual([
      ['delivered', 'delivered'],
      ['retried', 'delivered'],
      ['exhausted', 'exhausted'],
      ['unmatched', undefined],
    ]);
  });

  it('aligns its timeline', () => {
    expect([timelineLine(60, 'retried', 'attempt 1: 503'), timelineLine(12_345, 'unmatched', 'logged')]).toEqual([
      '   0.06 s  retried    attempt 1: 503',
      '  12.35 s  unmatched  logged',
    ]);
  });

  it('leads from a delivery to its attempts, and from an event that matched nothing to the event', () => {
    const commands = lookCommands('http://api', 'key', [
      { scenario: 'retried', deliveryId: 'dlv_1', eventId: 'evt_1' },
      { scenario: 'unmatched', eventId: 'evt_2' },
    ]);
    expect(commands).toContain("curl -sS http://api/v1/deliveries/dlv_1 -H 'Authorization: Bearer key'");
    expect(commands).toContain('http://api/v1/events/evt_2');
  });

  it('reads the file that npm start writes', () => {
    expect(parseEnvFile('A=1\n# no\nHOOKSTREAM_DATABASE_URL=postgresql://u:p@h/d?x=y\n')).toEqual({
      A: '1',
      HOOKSTREAM_DATABASE_URL: 'postgresql://u:p@h/d?x=y',
    });
  });
});
