import { describe, expect, it } from '@jest/globals';
import { withFirsts } from './batched-attempts.js';
import type { LoggedAttempt } from './log-reader.js';

const attempt = (entry: number, part: Partial<LoggedAttempt['request']> = {}, answer = ''): LoggedAttempt => ({
  id: `att_${entry}`,
  ...{ run: '0', number: 1, startedAt: new Date(0), durationMs: 1, outcome: 'success', error: null },
  request: {
    ...{ url: 'https://a.example', method: 'POST', headers: {}, format: 'json' },
    batch: { delivery: 'dlv_0', attempt: 'att_0', entry, entries: 2 },
    ...part,
  },
  response: { status: 200, headers: {}, body: Buffer.from(answer), bodyTruncated: false },
});

describe('an attempt that went with others', () => {
  it('has what was sent and answered from that of the first', () => {
    const first = attempt(0, { body: 'W10=', bodyTruncated: true }, 'thanks');
    const [whole] = withFirsts([attempt(1)], [first]);
    expect(whole?.request).toMatchObject({ body: 'W10=', bodyTruncated: true, batch: { entry: 1 } });
    expect(whole?.response?.body.toString()).toBe('thanks');
  });

  it('has neither where the first is not in the log', () => {
    expect(withFirsts([attempt(1)], [])).toEqual([attempt(1)]);
  });
});
