import type { Metrics } from '@hookstream/service';
import type { AccessTokens, AccessTokensParts } from '../core/access-tokens.js';
import type { TemplateRenderer } from '../core/templates/template-renderer.js';

const TOKEN_SECONDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const TEMPLATE_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

type Clock = () => number;

/** Counts and times the requests to token servers. @param nowMs monotonic */
export function measuredAsking(
  metrics: Metrics,
  ask: AccessTokensParts['ask'],
  nowMs: Clock,
): AccessTokensParts['ask'] {
  const requests = metrics.counter(
    'dispatcher_token_requests_total',
    'Access tokens asked for, the first of a client or another one, by whether one was issued',
    { labelNames: ['occasion', 'outcome'] },
  );
  const durations = metrics.histogram(
    'dispatcher_token_request_duration_seconds',
    'From asking a token server to its answer',
    { buckets: TOKEN_SECONDS },
  );
  return async (client, occasion) => {
    const startedAtMs = nowMs();
    let outcome = 'failed';
    try {
      const answer = await ask(client, occasion);
      if (answer.ok) outcome = 'issued';
      return answer;
    } finally {
      requests.inc({ occasion, outcome });
      durations.observe((nowMs() - startedAtMs) / 1_000);
    }
  };
}

type TokensInUse = Pick<AccessTokens, 'get' | 'refused'>;

/** Counts the tokens that endpoints answer 401 to. */
export function countingRefusals(metrics: Metrics, tokens: TokensInUse): TokensInUse {
  const refusals = metrics.counter('dispatcher_tokens_refused_total', 'Access tokens that an endpoint answered 401 to');
  return {
    get: (client, patienceMs) => tokens.get(client, patienceMs),
    refused(client, token) {
      refusals.inc();
      return tokens.refused(client, token);
    },
  };
}

type Templates = Pick<TemplateRenderer, 'render'>;

/** Counts and times renderings of templates. @param nowMs monotonic */
export function measuredTemplates(metrics: Metrics, templates: Templates, nowMs: Clock): Templates {
  const renderings = metrics.counter(
    'dispatcher_template_renderings_total',
    'Templates run, by what came of it: unavailable ones had no thread in time and are tried again',
    { labelNames: ['outcome'] },
  );
  const durations = metrics.histogram(
    'dispatcher_template_rendering_duration_seconds',
    'From asking for a rendering to its end, with the wait for a thread',
    { buckets: TEMPLATE_SECONDS },
  );
  const byOutcome = {
    rendered: renderings.labels('rendered'),
    failed: renderings.labels('failed'),
    unavailable: renderings.labels('unavailable'),
  };
  return {
    async render(job, patienceMs) {
      const startedAtMs = nowMs();
      const rendering = await templates.render(job, patienceMs);
      byOutcome[rendering.kind].inc();
      durations.observe((nowMs() - startedAtMs) / 1_000);
      return rendering;
    },
  };
}
