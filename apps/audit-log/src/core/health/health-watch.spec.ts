import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Command } from '@hookstream/contracts';
import { DEFAULT_FAILURE_POLICY, type FailurePolicy } from '@hookstream/domain';
import { HealthWatch, type Decision, type HealthStore, type OpenNotice, type Progress } from './health-watch.js';
import type { FailingEndpoint } from './judge-health.js';
import type { Mail } from './notice-mail.js';
import type { Notice } from './notice.js';
import type { WatchedSubscription } from './watched-subscription.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const T0 = Date.parse('2026-05-18T10:00:00Z');

/** As the tables do it. */
class MemoryHealthStore implements HealthStore {
  failing: FailingEndpoint | undefined;
  readonly notices = new Map<string, OpenNotice & { againAtMs: number | null }>();

  decideAll(nowMs: number, decide: (health: FailingEndpoint) => Decision | undefined): Promise<void> {
    const decision = this.failing && decide(this.failing);
    if (decision) this.apply(decision, nowMs);
    return Promise.resolve();
  }

  claim(nowMs: number, untilMs: number): Promise<readonly OpenNotice[]> {
    const due = [...this.notices.values()].filter(({ againAtMs }) => againAtMs !== null && againAtMs <= nowMs);
    for (const notice of due) this.notices.set(notice.id, { ...notice, againAtMs: untilMs });
    return Promise.resolve(due);
  }

  beginMail(id: string): Promise<void> {
    this.change(id, ({ mailTries }) => ({ mailTries: mailTries + 1 }));
    return Promise.resolve();
  }

  record(id: string, progress: Progress): Promise<void> {
    this.change(id, () => progress);
    return Promise.resolve();
  }

  forgetOld(): Promise<void> {
    return Promise.resolve();
  }

  private apply({ health, verdict, notice }: Decision, nowMs: number): void {
    if (verdict.kind === 'forget') this.failing = undefined;
    else if (verdict.kind === 'warn') this.failing = { ...health, warnedStepMs: verdict.stepMs, warnedAtMs: nowMs };
    if (!notice || this.notices.has(notice.id)) return;
    const pending = { eventPending: notice.asEvent, mailPending: notice.emails.length > 0, mailTries: 0 };
    this.notices.set(notice.id, { ...notice, ...pending, confirmed: notice.kind === 'failing', againAtMs: nowMs });
  }

  private change(id: string, by: (notice: OpenNotice) => object): void {
    const notice = this.notices.get(id);
    if (notice) this.notices.set(id, { ...notice, ...by(notice) });
  }
}

/** As a week of failure is told in the seed: a warning, and then it is disabled. */
const WEEK: FailurePolicy = {
  deactivateOnGone: false,
  warnAfterMs: [7 * DAY_MS],
  deactivateAfterMs: 8 * DAY_MS,
  notify: { emails: ['ops@example.com'], events: true },
};

let nowMs: number;
let store: MemoryHealthStore;
let subscription: WatchedSubscription;
let commands: Command[];
let events: Notice[];
let mails: Mail[];
let deliverMail: (mail: Mail) => Promise<void>;
let watch: HealthWatch;

beforeEach(() => {
  nowMs = T0;
  store = new MemoryHealthStore();
  subscription = {
    id: 'sub_1',
    version: 3,
    organization: 'org_acme',
    name: 'billing',
    origin: 'https://hooks.example.com',
    active: true,
    paused: false,
    beganAtMs: 0,
    policy: { ...DEFAULT_FAILURE_POLICY, ...WEEK },
    hearsOfSubscriptions: false,
  };
  [commands, events, mails] = [[], [], []];
  deliverMail = async (mail) => {
    await Promise.resolve();
    mails.push(mail);
  };
  watch = new HealthWatch({
    store,
    subscriptions: { get: (id) => (id === subscription.id ? subscription : undefined) },
    command: async (command) => {
      await Promise.resolve();
      commands.push(command);
    },
    produce: async (notice) => {
      await Promise.resolve();
      events.push(notice);
    },
    mail: (mail) => deliverMail(mail),
    logger: { info: () => undefined, warn: () => undefined },
    now: () => nowMs,
  });
  store.failing = {
    subscription: 'sub_1',
    configVersion: 3,
    failures: 5,
    lastFailure: 'HTTP 503',
    lastFailureAtMs: T0,
    failingSinceMs: T0,
    warnedStepMs: null,
    warnedAtMs: null,
  };
});

const withPolicy = (policy: Partial<FailurePolicy>) => {
  subscription = { ...subscription, policy: { ...subscription.policy, ...policy } };
};
const deactivate = () => {
  subscription = { ...subscription, active: false, version: subscription.version + 1 };
};
/** Rounds each hour. */
async function pass(durationMs: number): Promise<void> {
  for (const endMs = nowMs + durationMs; nowMs < endMs; nowMs += HOUR_MS) await watch.round();
}
const kinds = () => events.map(({ kind, facts }) => `${kind} ${facts.after}`);

describe('the watch over endpoints', () => {
  it('warns once after a week without a success, and deactivates a day later', async () => {
    await pass(7 * DAY_MS);
    expect([events, mails, commands]).toEqual([[], [], []]);
    await pass(HOUR_MS);
    expect(kinds()).toEqual(['failing 7d']);
    expect(mails).toMatchObject([{ to: ['ops@example.com'], subject: 'Webhook failing for 7d: billing' }]);
    await pass(DAY_MS - HOUR_MS);
    expect(commands).toEqual([]);
    await pass(2 * HOUR_MS);
    expect(commands[0]).toMatchObject({ kind: 'deactivate-subscription', reason: 'failing', expectedVersion: 3 });
    expect(kinds()).toEqual(['failing 7d']);

    deactivate();
    await pass(10 * DAY_MS);
    expect(kinds()).toEqual(['failing 7d', 'deactivated 8d']);
    expect(mails.map(({ subject }) => subject)).toEqual([
      'Webhook failing for 7d: billing',
      'Webhook deactivated: billing',
    ]);
    expect(new Set(commands.map((command) => JSON.stringify({ ...command, atMs: 0 }))).size).toBe(1);
  });

  it('warns at each step once', async () => {
    withPolicy({ warnAfterMs: [DAY_MS, 3 * DAY_MS], deactivateAfterMs: 30 * DAY_MS });
    await pass(10 * DAY_MS);
    expect(kinds()).toEqual(['failing 1d', 'failing 3d']);
  });

  it('tells the newest step only after it was away, and leaves the owner the time between warning and deactivation', async () => {
    withPolicy({ warnAfterMs: [DAY_MS, 7 * DAY_MS] });
    nowMs = T0 + 20 * DAY_MS;
    await pass(2 * HOUR_MS);
    expect(kinds()).toEqual(['failing 7d']);
    expect(events[0]?.facts.deactivatesAt).toBe(new Date(T0 + 21 * DAY_MS).toISOString());
    expect(commands).toEqual([]);
    await pass(DAY_MS);
    expect(commands).not.toEqual([]);
  });

  it.each<[string, () => void]>([
    ['too few attempts failed', () => withPolicy({ minAttempts: 6 })],
    ['nothing fails', () => (store.failing = undefined)],
    ['it is paused', () => (subscription = { ...subscription, paused: true })],
    ['it is not active', () => (subscription = { ...subscription, active: false })],
    ['it was activated anew since', () => (subscription = { ...subscription, beganAtMs: T0 + 1 })],
    [
      'nothing is asked for',
      () =>
        (subscription = {
          ...subscription,
          policy: { ...DEFAULT_FAILURE_POLICY, deactivateOnGone: true, warnAfterMs: [] },
        }),
    ],
  ])('does nothing where %s', async (_, given) => {
    given();
    await pass(30 * DAY_MS);
    expect([events, mails, commands]).toEqual([[], [], []]);
  });

  it('does not deactivate for what former settings did, nor by a decision that a change has overtaken', async () => {
    subscription = { ...subscription, version: 4 };
    await pass(9 * DAY_MS);
    expect([kinds(), commands]).toEqual([['failing 7d'], []]);
    if (store.failing) store.failing = { ...store.failing, configVersion: 4 };
    await pass(2 * HOUR_MS);
    expect(commands).not.toEqual([]);
    subscription = { ...subscription, version: 5 };
    const asked = commands.length;
    await pass(3 * DAY_MS);
    expect(commands).toHaveLength(asked);
    expect(kinds()).toEqual(['failing 7d']);
  });

  it('produces no event about a subscription that itself gets operational events: its failures breed none', async () => {
    subscription = { ...subscription, hearsOfSubscriptions: true };
    await pass(8 * DAY_MS);
    expect(events).toEqual([]);
    expect(mails).toHaveLength(1);
  });

  it('tries an e-mail that is refused again, six times at most, and does not tell its event again', async () => {
    let tries = 0;
    deliverMail = () => {
      tries += 1;
      return Promise.reject(new Error('refused'));
    };
    withPolicy({ deactivateAfterMs: 80 * DAY_MS });
    await pass(20 * DAY_MS);
    expect(tries).toBe(6);
    expect(kinds()).toEqual(['failing 7d']);
    expect([...store.notices.values()]).toMatchObject([{ againAtMs: null, mailTries: 6 }]);
  });
});
