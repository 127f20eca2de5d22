import type { StatsView, SubscriptionStatsView } from '@hookstream/log-api';
import { maySee, type Caller } from '../access/caller.js';
import { HOUR_MS, type EndpointHealth } from '../health/endpoint-health.js';
import { percentileMs, type Latencies } from '../health/latencies.js';
import { viewDeliveries, type DeliveryCounter, type StatsScope } from './delivery-counts.js';
import { scoped, type KnownOrganizations } from './log-search.js';

/** What the health of one endpoint says, with when its owner was told. */
export interface KeptHealth extends EndpointHealth {
  readonly warnedAtMs: number | null;
}

/** Attempts that were counted. */
export interface CountedAttempts {
  readonly successes: number;
  readonly failures: number;
  readonly latencies: Latencies;
}

export interface HealthReader {
  /** Of the hours that begin at or after a time. */
  count(scope: StatsScope, fromMs: number): Promise<CountedAttempts>;
  health(subscription: string): Promise<KeptHealth | undefined>;
  /** The longest failing first. */
  failing(scope: StatsScope, limit: number): Promise<readonly KeptHealth[]>;
}

export interface EndpointStatsParts {
  readonly reader: HealthReader;
  readonly counter: DeliveryCounter;
  readonly organizations: KnownOrganizations;
  readonly subscriptions: { get(id: string): { readonly organization: string } | undefined };
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

const SHOWN_FAILING = 100;

/** Answers how endpoints do, and nothing of what callers may not see. */
export class EndpointStats {
  constructor(private readonly parts: EndpointStatsParts) {}

  /** @throws UnknownOrganization */
  async overall(caller: Caller, organization: string | undefined, windowMs: number): Promise<StatsView> {
    const scope = scoped(this.parts.organizations, caller, { organization });
    const fromMs = this.fromMs(windowMs);
    const [figures, failing] = await Promise.all([
      this.figures(scope, fromMs),
      this.parts.reader.failing(scope, SHOWN_FAILING),
    ]);
    const shown = failing.map((health) => {
      const { subscription, organization: owner } = health;
      return { subscription, organization: owner, ...viewFailing(health) };
    });
    return { ...figures, failing: shown };
  }

  /** `undefined`: there is no such subscription, or not for this caller. */
  async ofSubscription(caller: Caller, id: string, windowMs: number): Promise<SubscriptionStatsView | undefined> {
    const subscription = this.parts.subscriptions.get(id);
    if (!subscription || !maySee(caller, subscription.organization)) return undefined;
    const fromMs = this.fromMs(windowMs);
    const [figures, health] = await Promise.all([
      this.figures({ subscription: id }, fromMs),
      this.parts.reader.health(id),
    ]);
    const { organization } = subscription;
    return { subscription: id, organization, ...figures, health: viewHealth(health) };
  }

  private async figures(scope: StatsScope, fromMs: number) {
    const [counted, undelivered, waiting] = await Promise.all([
      this.parts.reader.count(scope, fromMs),
      this.parts.counter.undelivered(scope, fromMs),
      this.parts.counter.waiting(scope),
    ]);
    return { ...viewCounted(counted, fromMs), ...viewDeliveries(counted.successes, undelivered, waiting) };
  }

  private fromMs(windowMs: number): number {
    const fromMs = this.parts.now() - windowMs;
    return fromMs - (fromMs % HOUR_MS);
  }
}

function viewCounted({ successes, failures, latencies }: CountedAttempts, fromMs: number) {
  const attempts = successes + failures;
  const percentile = (share: number) => percentileMs(latencies, share);
  return {
    from: new Date(fromMs).toISOString(),
    ...{ attempts, successes, failures },
    successRate: attempts === 0 ? null : successes / attempts,
    latencyMs: { p50: percentile(0.5), p95: percentile(0.95), p99: percentile(0.99) },
  };
}

function viewHealth(health: KeptHealth | undefined): SubscriptionStatsView['health'] {
  if (!health) {
    const nothing = { failingSince: null, failedAttempts: 0, lastFailure: null, lastSuccessAt: null, warnedAt: null };
    return { state: 'unknown', ...nothing };
  }
  return {
    state: health.failingSinceMs === null ? 'healthy' : 'failing',
    ...viewFailing(health),
    lastSuccessAt: timeText(health.lastSuccessAtMs),
    warnedAt: timeText(health.warnedAtMs),
  };
}

function viewFailing({ failingSinceMs, failures, lastFailure, lastFailureAtMs }: KeptHealth) {
  return {
    failingSince: timeText(failingSinceMs),
    failedAttempts: failures,
    lastFailure:
      lastFailure === null || lastFailureAtMs === null
        ? null
        : { at: new Date(lastFailureAtMs).toISOString(), what: lastFailure },
  };
}

function timeText(atMs: number | null): string | null {
  return atMs === null ? null : new Date(atMs).toISOString();
}
