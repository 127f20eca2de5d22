import { describe, expect, it } from '@jest/globals';
import { judgeHandshake } from './validation-handshake.js';

const judge = (status: number, headers: Record<string, string> = {}) =>
  judgeHandshake({ status, headers }, 'hooks.example.com');
const allowed = (origin: string, rate?: string) => ({
  'webhook-allowed-origin': origin,
  ...(rate !== undefined && { 'webhook-allowed-rate': rate }),
});

describe('judgeHandshake', () => {
  it.each([
    [200, allowed('hooks.example.com')],
    [204, allowed(' HOOKS.example.com ')],
    [200, allowed('*', '*')],
  ])('takes a 2xx that names the origin, or any (%#)', (status, headers) => {
    expect(judge(status, headers)).toEqual({ ok: true });
  });

  it('reads the allowed rate, told per minute', () => {
    expect(judge(200, allowed('*', '120'))).toEqual({ ok: true, perSecond: 2 });
    expect(judge(200, allowed('*', '1'))).toEqual({ ok: true, perSecond: 1 / 60 });
  });

  it.each([
    [405, allowed('*'), 'with 405; it must answer 2xx'],
    [301, {}, 'with 301; it must answer 2xx'],
    [200, {}, 'with 200 without WebHook-Allowed-Origin; it must'],
    [200, allowed(''), 'without WebHook-Allowed-Origin'],
    [200, allowed('example.com'), 'allows another origin'],
    [200, allowed('*', '0'), 'WebHook-Allowed-Rate cannot be read'],
    [200, allowed('*', '1.5'), 'WebHook-Allowed-Rate cannot be read'],
  ])('refuses anything else and tells what is missing (%#)', (status, headers, detail) => {
    expect(judge(status, headers)).toEqual({ ok: false, detail: expect.stringContaining(detail) });
  });
});
