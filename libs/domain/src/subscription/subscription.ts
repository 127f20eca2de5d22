import type { OrganizationId, SubscriptionId } from '../identity/ids.js';
import type { EndpointAuth, EndpointTls } from './endpoint-auth.js';
import type { FailurePolicy } from './failure-policy.js';
import type { Filter } from './filter.js';
import type { Ordering } from './ordering.js';
import type { PayloadSettings } from './payload-format.js';
import type { SigningScheme } from './signing-scheme.js';
import type { StatusPattern } from './status-list.js';
import type { TestSettings } from './test-settings.js';
import type { ValidationHandshake } from './validation-handshake.js';

/** How often and for how long a run of a delivery is attempted. */
export interface RetryPolicy {
  /** Delays before the second, third, … attempt, in milliseconds. */
  readonly scheduleMs: readonly number[];
  /** Share by which each delay is varied either way, 0–1. */
  readonly jitter: number;
  /** Whether the last delay repeats until a success or the maximum age; left out: the run ends with the schedule. */
  readonly repeatLast?: boolean;
  /** A run older than this ends as exhausted (`max-age`), in milliseconds. */
  readonly maxAgeMs: number;
  /** Statuses that end the run at once; none by default. */
  readonly nonRetryableStatuses: readonly StatusPattern[];
}

/** The HTTP side of a subscription. */
export interface EndpointSettings {
  readonly url: string;
  readonly method: 'POST' | 'PUT' | 'PATCH';
  readonly headers: Readonly<Record<string, string>>;
  /** One deadline over all phases of an attempt, 1,000–30,000 ms. */
  readonly timeoutMs: number;
  readonly successStatuses: readonly StatusPattern[];
  /** Left out: requests show only their signature. */
  readonly auth?: EndpointAuth;
  /** Left out: what the system trusts, and no certificate of ours. */
  readonly tls?: EndpointTls;
  /** Nothing is sent by http. */
  readonly httpsOnly?: boolean;
  /** Left out: it gets deliveries unasked. */
  readonly handshake?: ValidationHandshake;
}

/** What a subscription says about its deliveries; secrets are kept apart from it. */
export interface SubscriptionSettings {
  /** The profile that its settings began with; they are all here. */
  readonly profile?: string;
  readonly eventTypes: readonly string[];
  /** All must let an event through. Left out: all do. */
  readonly filters?: readonly Filter[];
  readonly endpoint: EndpointSettings;
  readonly payload: PayloadSettings;
  readonly signing: { readonly scheme: SigningScheme };
  readonly retry: RetryPolicy;
  /** `concurrency`: requests in flight to this endpoint at once; `perSecond`: requests started, not limited when left out. */
  readonly rateLimit: { readonly concurrency: number; readonly perSecond?: number };
  readonly onFailure: FailurePolicy;
  /** Left out: deliveries do not wait for each other. */
  readonly ordering?: Ordering;
  /** Left out: tested only when somebody asks, while it is active, and nothing follows from a failure. */
  readonly test?: TestSettings;
}

/** A subscription at one version. */
export interface Subscription {
  readonly id: SubscriptionId;
  readonly version: number;
  readonly organization: OrganizationId;
  readonly name: string;
  readonly active: boolean;
  /** Runs that began before it are cancelled: a quick re-activation revives nothing. Milliseconds since the epoch. */
  readonly activatedAtMs: number;
  /** Its deliveries wait until it is resumed, or too old. */
  readonly paused: boolean;
  /** What was known of its endpoint's health before is forgotten; 0 if it was never resumed. Milliseconds since the epoch. */
  readonly resumedAtMs: number;
  readonly settings: SubscriptionSettings;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** 5 s, 5 m, 30 m, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h: ten attempts over about three days. */
export const DEFAULT_RETRY_SCHEDULE_MS: readonly number[] = [
  5 * SECOND,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  14 * HOUR,
  20 * HOUR,
  24 * HOUR,
];
export const DEFAULT_JITTER = 0.2;
export const DEFAULT_TIMEOUT_MS = 15 * SECOND;
export const DEFAULT_CONCURRENCY = 64;
export const MAX_AGE_LIMIT_MS = 30 * DAY;

/** 1.5 × the schedule's sum in whole minutes, at least an hour (a week where its last delay repeats), at most 30 days. */
export function defaultMaxAgeMs({ scheduleMs, repeatLast }: Pick<RetryPolicy, 'scheduleMs' | 'repeatLast'>): number {
  const sum = scheduleMs.reduce((total, delay) => total + delay, 0);
  return Math.min(MAX_AGE_LIMIT_MS, Math.max(repeatLast ? 7 * DAY : HOUR, Math.ceil((sum * 1.5) / MINUTE) * MINUTE));
}
