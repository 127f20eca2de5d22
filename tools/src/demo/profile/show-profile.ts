import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Delivery, HookstreamApi, ListedProfile } from '../hookstream-api.js';
import { makeLocalCertificate } from './local-certificate.js';
import { ReferenceReceiver } from './reference-receiver.js';
import { subscriptionOf } from './subscription-of.js';

// An acknowledged subscription is in force everywhere within 5 s, and usually much sooner.
const PROPAGATION_MS = 2_000;
const POLL_MS = 250;
const END_TIMEOUT_MS = 60_000;
const OPEN = ['pending', 'retrying'];
const PING = 'hookstream.ping';

/**
 * Subscribes a receiver by the profile, sends the events of its sample, shows each request as it arrives and what the log
 * says; true when all arrived, genuine. Cleans up also when `signal` aborts.
 *
 * @throws Error that lists the profiles where there is none of that name
 */
export async function showProfile(
  name: string,
  api: HookstreamApi,
  print: (text: string) => void,
  signal: AbortSignal,
): Promise<boolean> {
  const profile = await profileNamed(name, api);
  const isHttps = profile.settings.endpoint?.httpsOnly === true;
  const certificate = isHttps ? await makeLocalCertificate() : undefined;
  const { events, resources = {} } = profile.sample;
  const receiver = await ReferenceReceiver.start({ certificate, resources, print });
  let id: string | undefined;
  try {
    print(`${profile.name}: ${profile.description}\n`);
    const request = subscriptionOf(profile, receiver.origin, certificate?.cert);
    print(`POST /v1/subscriptions ${JSON.stringify(shortened(request), undefined, 2)}\n`);
    const subscription = await api.subscribe(request);
    id = subscription.id;
    const { scheme, secret, secrets } = subscription.signing;
    receiver.trust({ scheme, secret, publicKey: secrets?.[0]?.publicKey });
    if (!subscription.active) {
      print(`${id} begins inactive: POST /v1/subscriptions/${id}/activate`);
      await api.activate(id);
    }
    await delay(PROPAGATION_MS, undefined, { signal });
    for (const event of events) {
      const accepted = await api.sendCloudEvent({ ...event, specversion: '1.0', id: randomUUID(), source: '/demo' });
      print(`POST /v1/events ${event.type}: accepted as ${accepted}`);
    }
    const ended = await allEnded(api, id, events.length, signal);
    for (const delivery of ended) print(`the log: ${await logLine(api, delivery)}`);
    return receiver.seen.refused === 0 && ended.every(({ state }) => state === 'delivered');
  } finally {
    // First what cannot fail: without it the process would stay.
    await receiver.close();
    if (id !== undefined) await api.deleteSubscription(id);
  }
}

async function profileNamed(name: string, api: HookstreamApi): Promise<ListedProfile> {
  const profiles = await api.profiles();
  const profile = profiles.find((each) => each.name === name);
  if (profile) return profile;
  const list = profiles.map((each) => `  npm run demo -- ${each.name}`).join('\n');
  throw new Error(`There is no profile "${name}". These there are:\n${list}`);
}

/** The deliveries of the events, and of pings where the profile sends one, as soon as none is under way. */
async function allEnded(
  api: HookstreamApi,
  subscription: string,
  events: number,
  signal: AbortSignal,
): Promise<readonly Delivery[]> {
  const deadline = performance.now() + END_TIMEOUT_MS;
  for (;;) {
    const deliveries = await api.deliveriesOf(subscription);
    const ended = deliveries.filter(({ state }) => !OPEN.includes(state));
    const ofEvents = ended.filter(({ event }) => event.type !== PING);
    if (ofEvents.length >= events && ended.length === deliveries.length) return deliveries;
    if (performance.now() > deadline) {
      throw new Error(`${ofEvents.length} of ${events} deliveries ended within ${END_TIMEOUT_MS / 1_000} s`);
    }
    await delay(POLL_MS, undefined, { signal });
  }
}

async function logLine(api: HookstreamApi, { id, state, event }: Delivery): Promise<string> {
  const attempts = (await api.attemptsOf(id)).map(({ number, durationMs, response, error }) => {
    const answer = response ? String(response.status) : (error?.class ?? 'no answer');
    return `attempt ${number}: ${answer} after ${durationMs} ms`;
  });
  return `${id} (${event.type}) ${state}; ${attempts.join(', ')}`;
}

/** Certificates fill a screen. */
function shortened(request: unknown): unknown {
  return JSON.parse(
    JSON.stringify(request).replaceAll(/-----BEGIN CERTIFICATE-----.*?"/g, '-----BEGIN CERTIFICATE-----…"'),
  );
}
