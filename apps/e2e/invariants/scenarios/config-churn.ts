import type { SubscriptionView } from '../../support/api-client.js';
import type { Stage } from '../../support/stage.js';
import { castUsual, type Scenario } from './scenario.js';

const CHURNED = 4;
const CHURN_MS = 40_000;
/** An acknowledged change is in force everywhere within this. */
const IN_FORCE_MS = 5_000;

export const configChurn: Scenario = {
  name: 'config-churn',
  title:
    'subscriptions that are made, deactivated, activated again and deleted under load get what they should, and nothing later',
  events: 8_000,
  perSecond: 200,
  needs: 'test backends',
  play: async (stage) => {
    await castUsual(stage);
    stage.load.begin();
    const until = Date.now() + CHURN_MS;
    await Promise.all(Array.from({ length: CHURNED }, (_, index) => churn(stage, `churned-${index}`, until)));
  },
};

/** Its endpoint refuses a third once, so that much waits for a retry when it is switched off, and its breaker stays closed. */
async function churn(stage: Stage, name: string, until: number): Promise<void> {
  const { api } = stage.world;
  const receiver = await stage.receive(name, ({ n, before }) => ({ status: before === 0 && n % 3 === 1 ? 404 : 200 }));
  while (Date.now() < until) {
    const { id } = await api.subscribe({
      name,
      eventTypes: ['load.*'],
      endpoint: { url: receiver.url },
      retry: { schedule: ['2s', '4s', '8s'] },
    });
    stage.expect({
      subscription: id,
      receiver: name,
      every: 'routed',
      prompt: false,
      ends: ['delivered', 'cancelled'],
    });
    await stage.pause(4_000, 1_000);
    const silentFromMs = await changed(stage, 'POST', `/v1/subscriptions/${id}/deactivate`);
    if (stage.random() < 0.5) {
      await stage.pause(8_000);
      const activatedAtMs = Date.now();
      await changed(stage, 'POST', `/v1/subscriptions/${id}/activate`);
      stage.books.write('silences', { subscription: id, fromMs: silentFromMs, untilMs: activatedAtMs });
      await stage.pause(4_000, 1_000);
      const deletedFromMs = await changed(stage, 'DELETE', `/v1/subscriptions/${id}`);
      stage.books.write('silences', { subscription: id, fromMs: deletedFromMs });
    } else {
      stage.books.write('silences', { subscription: id, fromMs: silentFromMs });
    }
  }
}

/** @returns from when on it has to be in force */
async function changed(stage: Stage, method: string, path: string): Promise<number> {
  const { status, body } = await stage.world.api.call<SubscriptionView | null>(method, path);
  if (status >= 300) throw new Error(`${method} ${path}: ${status} ${JSON.stringify(body)}`);
  return Date.now() + IN_FORCE_MS;
}
