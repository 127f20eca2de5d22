import { eventually, ScriptedReceiver, type ReceivedRequest } from '@hookstream/testing';
import type { SubscriptionView } from '../api-client.js';
import type { World } from '../world.js';
import { CLIENT_TLS, startDemandingReceiver } from './demanding-receiver.js';
import { header, type Known } from './genuine.js';
import { DATA, OAUTH, OAUTH_CLIENT, SCHEMES } from './scheme-cases.js';

interface Created extends SubscriptionView {
  readonly signing: SubscriptionView['signing'] & { readonly secrets?: readonly { readonly publicKey?: string }[] };
}

/**
 * Sends one event by Kafka to a subscription of every scheme. Each receiver answers 401 to what it does not find genuine.
 * Returns what became of it, by scheme.
 */
export async function playSchemes(world: World): Promise<Readonly<Record<string, string>>> {
  const known = new Map<string, Known>();
  const receiver = await ScriptedReceiver.start((request) => answer(request, known));
  const demanding = await startDemandingReceiver();
  const names = new Map<string, string>();
  const subscribe = async (name: string, settings: { readonly endpoint: object }) => {
    const request = { name: `scheme ${name}`, eventTypes: ['schemes.all'], retry: { schedule: [] }, ...settings };
    const { status, body } = await world.api.call<Created>('POST', '/v1/subscriptions', request);
    if (status !== 201) throw new Error(`${name}: ${status} ${JSON.stringify(body)}`);
    names.set(body.id, name);
    const { secret = '', secrets = [] } = body.signing;
    known.set(`/${name}`, { secret, publicKey: secrets[0]?.publicKey ?? '' });
  };
  try {
    const origin = receiver.url('');
    for (const { name, signing, payload, auth } of SCHEMES) {
      const endpoint = { url: receiver.url(`/${name}`), ...(auth && { auth: auth(origin) }) };
      await subscribe(name, { endpoint, ...(signing && { signing }), ...(payload && { payload }) });
    }
    await subscribe('mtls', { endpoint: { url: demanding.url, tls: CLIENT_TLS } });
    await subscribe('mtls-without-certificate', { endpoint: { url: demanding.url, tls: { ca: CLIENT_TLS.ca } } });

    const value = Buffer.from(JSON.stringify({ type: 'schemes.all', data: DATA }));
    await world.producer.send({ topic: world.topics.events, key: null, value });
    return await eventually(
      async () => {
        const deliveries = await world.api.deliveries('eventType=schemes.all&limit=200');
        const open = deliveries.filter(({ state }) => state === 'pending' || state === 'retrying');
        if (deliveries.length < names.size || open.length > 0) throw new Error(JSON.stringify(deliveries));
        return Object.fromEntries(deliveries.map(({ subscription, state }) => [names.get(subscription) ?? '', state]));
      },
      { timeoutMs: 30_000 },
    );
  } finally {
    for (const id of names.keys()) await world.api.call('DELETE', `/v1/subscriptions/${id}`);
    await receiver.close();
    await demanding.close();
  }
}

function answer(request: ReceivedRequest, known: ReadonlyMap<string, Known>) {
  if (request.path === '/token') return tokenFor(request);
  const scheme = SCHEMES.find(({ name }) => request.path === `/${name}`);
  const knows = known.get(request.path);
  return { status: scheme && knows && scheme.judge(request, knows) ? 200 : 401 };
}

function tokenFor(request: ReceivedRequest) {
  if (header(request, 'authorization') !== OAUTH_CLIENT) return { status: 401 };
  const body = JSON.stringify({ access_token: OAUTH.token, token_type: 'Bearer', expires_in: 3_600 });
  return { headers: { 'content-type': 'application/json' }, body };
}
