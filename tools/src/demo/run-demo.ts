import { setTimeout as delay } from 'node:timers/promises';
import { ScriptedReceiver, type Script } from '@hookstream/testing';
import { HookstreamApi } from './hookstream-api.js';
import type { LocalEnv } from './local-env.js';
import { SCENARIOS, type Scenario } from './scenarios.js';
import { lookCommands, timelineLine, type LoggedResult } from './timeline.js';
import { writeEventToKafka } from './write-to-kafka.js';

// An acknowledged subscription is in force everywhere within 5 s, and usually much sooner.
const PROPAGATION_MS = 2_000;
const POLL_MS = 250;
const END_TIMEOUT_MS = 60_000;
const ENDED = ['delivered', 'exhausted', 'cancelled', 'dead-lettered'];

/** Plays all scenarios at the same time; true when each ended as it should. Cleans up also when `signal` aborts. */
export async function runDemo(env: LocalEnv, print: (line: string) => void, signal: AbortSignal): Promise<boolean> {
  const api = new HookstreamApi(env.HOOKSTREAM_URL, env.HOOKSTREAM_API_KEY);
  const startedAt = performance.now();
  const tell = (scenario: string, what: string) => {
    print(timelineLine(performance.now() - startedAt, scenario, what));
  };
  const receiver = await ScriptedReceiver.start(receiverScript(tell));
  const subscriptions = new Map<Scenario, string>();
  try {
    print(`A receiver listens at ${receiver.url()} and answers by script.\n`);
    for (const scenario of SCENARIOS) {
      if (!scenario.subscription) continue;
      const { schedule } = scenario.subscription;
      const url = receiver.url(`/${scenario.name}`);
      const eventTypes = [scenario.eventType];
      const id = await api.createSubscription({ name: `demo: ${scenario.name}`, eventTypes, url, schedule });
      subscriptions.set(scenario, id);
      tell(scenario.name, `subscription ${id} to ${scenario.eventType}, retries after ${schedule.join(', ')}`);
    }
    await delay(PROPAGATION_MS, undefined, { signal });
    const play = (scenario: Scenario) =>
      playScenario(scenario, subscriptions.get(scenario), { env, api, tell, signal });
    const results = await Promise.all(SCENARIOS.map(play));
    print(`\n${lookCommands(env.HOOKSTREAM_URL, env.HOOKSTREAM_API_KEY, results)}`);
    return results.every(({ asExpected }) => asExpected);
  } finally {
    for (const id of subscriptions.values()) await api.deleteSubscription(id);
    await receiver.close();
  }
}

interface Result extends LoggedResult {
  readonly asExpected: boolean;
}

interface Stage {
  readonly env: LocalEnv;
  readonly api: HookstreamApi;
  readonly tell: (scenario: string, what: string) => void;
  readonly signal: AbortSignal;
}

async function playScenario(scenario: Scenario, subscription: string | undefined, stage: Stage): Promise<Result> {
  const { env, api, tell, signal } = stage;
  const { name, eventType, data, via } = scenario;
  const eventId = via === 'api' ? await api.sendEvent(eventType, data) : undefined;
  if (via === 'kafka') await writeEventToKafka(env.HOOKSTREAM_KAFKA_BROKERS, eventType, data);
  tell(name, `event ${eventType} ${via === 'api' ? `accepted by the API: ${eventId}` : 'written to Kafka'}`);
  const result = { scenario: name, ...(eventId !== undefined && { eventId }) };
  if (subscription === undefined) {
    tell(name, 'no subscription asks for this type: nothing is sent, the event is in the log');
    return { ...result, asExpected: true };
  }
  const deadline = performance.now() + END_TIMEOUT_MS;
  while (performance.now() < deadline) {
    const ended = (await api.deliveriesOf(subscription)).find(({ state }) => ENDED.includes(state));
    if (ended) {
      const reason = ended.reason === null || ended.reason === undefined ? '' : ` (${ended.reason})`;
      tell(name, `the log says: ${ended.state}${reason} after ${ended.attempts} attempt(s)`);
      return { ...result, deliveryId: ended.id, asExpected: ended.state === scenario.subscription?.endsAs };
    }
    await delay(POLL_MS, undefined, { signal });
  }
  tell(name, `did not end within ${END_TIMEOUT_MS / 1_000} s`);
  return { ...result, asExpected: false };
}

/** Answers each path as its scenario says and tells of every attempt as it comes. */
function receiverScript(tell: (scenario: string, what: string) => void): Script {
  const scripts = new Map(SCENARIOS.map(({ name, subscription }) => [`/${name}`, subscription?.script()]));
  const attempts = new Map<string, number>();
  return async (request) => {
    const attempt = (attempts.get(request.path) ?? 0) + 1;
    attempts.set(request.path, attempt);
    const reaction = (await scripts.get(request.path)?.(request)) ?? { status: 404 };
    const answer = typeof reaction === 'string' ? reaction : String(reaction.status ?? 200);
    const id = String(request.headers['webhook-id'] ?? 'none');
    tell(request.path.slice(1), `attempt ${attempt} arrives, webhook-id ${id}; the receiver answers ${answer}`);
    return reaction;
  };
}
