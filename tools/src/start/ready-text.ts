import type { RunningStack } from './local-stack.js';

/** What `.hookstream/local.env` holds, for the command line, scripts and the demo. */
export function localEnv({ url, apiKey, brokers, databaseUrl }: RunningStack): string {
  return [
    `HOOKSTREAM_URL=${url}`,
    `HOOKSTREAM_API_KEY=${apiKey}`,
    `HOOKSTREAM_KAFKA_BROKERS=${brokers}`,
    `HOOKSTREAM_DATABASE_URL=${databaseUrl}`,
    '',
  ].join('\n');
}

/** What a person reads when everything is ready. */
export function readyText({ url, apiKey, brokers }: RunningStack, seconds: number): string {
  const curl = (path: string, body: unknown) =>
    `curl -sS ${url}${path} -H 'Authorization: Bearer ${apiKey}' -H 'Content-Type: application/json' \\\n` +
    `       -d '${JSON.stringify(body)}'`;
  const subscription = { name: 'first', eventTypes: ['invoice.*'], endpoint: { url: 'http://127.0.0.1:9000/hook' } };
  return `
Hookstream is ready (${seconds.toFixed(1)} s).

  API      ${url}   (OpenAPI: ${url}/openapi.json)
  API key  ${apiKey}
  Kafka    ${brokers}

Try:
  1. subscribe an endpoint of yours to events
     ${curl('/v1/subscriptions', subscription)}
  2. send an event
     ${curl('/v1/events', { type: 'invoice.submitted', data: { id: 42 } })}
  3. watch deliveries, retries and the log
     npm run demo

Deliveries to loopback addresses are allowed here (HOOKSTREAM_EGRESS_ALLOW); in production they are not.
The address, the key and the rest are in .hookstream/local.env, the logs in .hookstream/log/. Ctrl-C stops everything.
`;
}
