import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import type { ClientCredentials } from '@hookstream/domain';
import { AccessTokens, type TokenAnswer } from './access-tokens.js';

const settings: ClientCredentials = {
  type: 'oauth2-client-credentials',
  tokenUrl: 'https://tokens.example/token',
  clientId: 'hooks',
  clientAuthentication: 'client_secret_basic',
  sealed: 'sealed',
};
const client = (subscription = 'sub_1', more: Partial<ClientCredentials> = {}) => ({
  subscription,
  settings: { ...settings, ...more },
  secret: () => 'secret',
});
const refusal = { ok: false, message: 'the token server answered 503' } as const;

/** A token server that answers when it is let. */
function bed() {
  const clock = { ms: 1_000_000 };
  const questions: ((answer: TokenAnswer | Error) => void)[] = [];
  const tokens = new AccessTokens({
    ask: () =>
      new Promise((resolve, reject) => {
        questions.push((answer) => (answer instanceof Error ? reject(answer) : resolve(answer)));
      }),
    now: () => clock.ms,
    sleep: (milliseconds) => (milliseconds === 0 ? turn() : new Promise(() => undefined)),
  });
  let issued = 0;
  const answer = async (reply?: TokenAnswer | Error, lifetimeMs = 3_600_000) => {
    issued += 1;
    questions.shift()?.(reply ?? { ok: true, token: { value: `t${issued}`, lifetimeMs } });
    await turn();
  };
  return { clock, tokens, answer, questions };
}

describe('AccessTokens', () => {
  it('asks once for all who need the same token, and keeps it', async () => {
    const { tokens, answer, questions } = bed();
    const asked = [tokens.get(client(), 1), tokens.get(client(), 1)];
    expect(questions).toHaveLength(1);
    await answer();
    expect(await Promise.all(asked)).toEqual([
      { ok: true, token: 't1' },
      { ok: true, token: 't1' },
    ]);
    expect(await tokens.get(client(), 1)).toEqual({ ok: true, token: 't1' });
    expect(questions).toHaveLength(0);
  });

  it('asks ahead of the end of a token, which serves meanwhile', async () => {
    const { clock, tokens, answer, questions } = bed();
    const first = tokens.get(client(), 1);
    await answer();
    await first;
    clock.ms += 3_600_000 - 59_000;
    expect(await tokens.get(client(), 1)).toEqual({ ok: true, token: 't1' });
    expect(questions).toHaveLength(1);
    await answer();
    expect(await tokens.get(client(), 1)).toEqual({ ok: true, token: 't2' });
  });

  it('never gives a token that has ended', async () => {
    const { clock, tokens, answer } = bed();
    const first = tokens.get(client(), 1);
    await answer(undefined, 30_000);
    await first;
    clock.ms += 30_000;
    expect(await tokens.get(client(), 0)).toMatchObject({ ok: false, message: expect.stringContaining('within 0 s') });
  });

  it('lets a server that refuses alone for five seconds, and tells each why', async () => {
    const { clock, tokens, answer, questions } = bed();
    const first = tokens.get(client(), 1);
    await answer(refusal);
    expect([await first, await tokens.get(client(), 1)]).toEqual([refusal, refusal]);
    expect(questions).toHaveLength(0);
    clock.ms += 5_000;
    const second = tokens.get(client(), 1);
    await answer();
    expect(await second).toMatchObject({ ok: true });
  });

  it('waits no longer than it is told, and gives what comes late to the next who asks', async () => {
    const { tokens, answer } = bed();
    expect(await tokens.get(client(), 0)).toMatchObject({ ok: false });
    await answer();
    expect(await tokens.get(client(), 0)).toMatchObject({ ok: true });
  });

  it('tells a secret that cannot be opened as what it is', async () => {
    const { tokens, answer } = bed();
    const asked = tokens.get(client(), 1);
    await answer(new Error('no key "k1"'));
    expect(await asked).toEqual({ ok: false, message: 'no token was asked for: no key "k1"' });
  });

  it('asks anew when the settings change, and not when others of the subscription do', async () => {
    const { tokens, answer, questions } = bed();
    const first = tokens.get(client(), 1);
    await answer();
    await first;
    await tokens.get(client(), 1);
    expect(questions).toHaveLength(0);
    void tokens.get(client('sub_1', { scope: 'other' }), 1);
    expect(questions).toHaveLength(1);
  });

  it('drops a refused token once, and only one that was good for a while', async () => {
    const { clock, tokens, answer } = bed();
    const first = tokens.get(client(), 1);
    await answer();
    await first;
    expect(tokens.refused(client(), 't1')).toBe(false);
    clock.ms += 10_000;
    expect([tokens.refused(client(), 't1'), tokens.refused(client(), 't1')]).toEqual([true, true]);
    const second = tokens.get(client(), 1);
    await answer();
    expect(await second).toEqual({ ok: true, token: 't2' });
  });

  it('forgets the client unused for longest where there are too many', async () => {
    const { tokens, answer, questions } = bed();
    for (let n = 0; n <= 5_000; n += 1) {
      const asked = tokens.get(client(`sub_${n}`), 1);
      await answer();
      await asked;
    }
    await tokens.get(client('sub_1'), 1);
    expect(questions).toHaveLength(0);
    void tokens.get(client('sub_0'), 1);
    expect(questions).toHaveLength(1);
  });
});
