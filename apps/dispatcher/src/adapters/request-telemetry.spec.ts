import { describe, expect, it } from '@jest/globals';
import { Metrics } from '@hookstream/service';
import type { TokenAnswer } from '../core/access-tokens.js';
import type { Rendering } from '../core/templates/template-renderer.js';
import { countingRefusals, measuredAsking, measuredTemplates } from './request-telemetry.js';

const client = {
  subscription: 'sub_1',
  settings: {
    type: 'oauth2-client-credentials',
    tokenUrl: 'https://tokens.example/token',
    clientId: 'hooks',
    clientAuthentication: 'client_secret_basic',
    sealed: 'sealed',
  },
  secret: () => 'secret',
} as const;

function bed() {
  const metrics = new Metrics();
  let clockMs = 0;
  const after =
    <T>(milliseconds: number, value: T) =>
    (): Promise<T> => {
      clockMs += milliseconds;
      return Promise.resolve(value);
    };
  return { metrics, now: () => clockMs, after, text: () => metrics.registry.metrics() };
}

describe('what is measured of requests', () => {
  it('tells first tokens from others, those that were refused, and how long a server took', async () => {
    const { metrics, now, after, text } = bed();
    const refusal: TokenAnswer = { ok: false, message: 'no' };
    const answers: TokenAnswer[] = [{ ok: true, token: { value: 't', lifetimeMs: 1 } }];
    const ask = measuredAsking(metrics, () => after(300, answers.shift() ?? refusal)(), now);
    await ask(client, 'first');
    await ask(client, 'another');
    const tokens = countingRefusals(metrics, { get: after(0, { ok: true, token: 't' } as const), refused: () => true });
    expect(await tokens.get(client, 1)).toEqual({ ok: true, token: 't' });
    expect(tokens.refused(client, 't')).toBe(true);
    expect(await text()).toContain('hookstream_dispatcher_token_requests_total{occasion="first",outcome="issued"} 1');
    expect(await text()).toContain('hookstream_dispatcher_token_requests_total{occasion="another",outcome="failed"} 1');
    expect(await text()).toContain('hookstream_dispatcher_token_request_duration_seconds_sum 0.6');
    expect(await text()).toContain('hookstream_dispatcher_tokens_refused_total 1');
  });

  it('counts a request for a token that ends in a defect as failed', async () => {
    const { metrics, now, text } = bed();
    const ask = measuredAsking(metrics, () => Promise.reject(new Error('no key')), now);
    await expect(ask(client, 'first')).rejects.toThrow('no key');
    expect(await text()).toContain('{occasion="first",outcome="failed"} 1');
  });

  it('counts renderings by what came of them, and how long they took', async () => {
    const { metrics, now, after, text } = bed();
    const results: Rendering[] = [
      { kind: 'rendered', text: '1', isJson: true },
      { kind: 'failed', message: 'no' },
    ];
    const late: Rendering = { kind: 'unavailable', message: '' };
    const templates = measuredTemplates(metrics, { render: () => after(20, results.shift() ?? late)() }, now);
    const job = { expression: '1', input: () => '{}' };
    for (let n = 0; n < 3; n += 1) await templates.render(job, 1);
    for (const outcome of ['rendered', 'failed', 'unavailable'])
      expect(await text()).toContain(`hookstream_dispatcher_template_renderings_total{outcome="${outcome}"} 1`);
    expect(await text()).toContain('hookstream_dispatcher_template_rendering_duration_seconds_count 3');
  });
});
