import type { OutcomeRow } from '../ingest/log-rows.js';
import { latencyClassOf, noLatencies, type Latencies } from './latencies.js';

/** What is known of a subscription's endpoint from all attempts that were read. Times in milliseconds since the epoch. */
export interface EndpointHealth {
  readonly subscription: string;
  readonly organization: string;
  /** The last report that counts in it: an offset in `attempts`, and the newest timestamp of its records. */
  readonly offset: number;
  readonly recordTimestampMs: number;
  /** Settings of the newest attempt. */
  readonly configVersion: number;
  readonly lastSuccessAtMs: number | null;
  readonly lastFailureAtMs: number | null;
  /** Of the newest failure: `HTTP 503`, or the class of an error. */
  readonly lastFailure: string | null;
  /** End of the first failure after the last success; `null` where the newest attempt succeeded. */
  readonly failingSinceMs: number | null;
  /** Failed attempts since then. */
  readonly failures: number;
}

/** The attempts of one subscription that ended within one hour. */
export interface HealthHour {
  readonly subscription: string;
  readonly organization: string;
  readonly hourMs: number;
  readonly successes: number;
  readonly failures: number;
  readonly latencies: Latencies;
}

export interface FoldedOutcomes {
  readonly healths: readonly EndpointHealth[];
  /** To be added to what is kept of the same hours. */
  readonly hours: readonly HealthHour[];
}

export const HOUR_MS = 3_600_000;

/**
 * Adds attempts to what is known, each once: a report that is read again, after a crash or by a new owner of the partition,
 * lies at or before the position that is kept with the health, and is passed over. A later timestamp tells the low offsets
 * of a topic that was made anew from those of a repeat.
 *
 * @param outcomes in the order of the log; those of one subscription lie in one partition
 */
export function foldOutcomes(
  known: ReadonlyMap<string, EndpointHealth>,
  outcomes: readonly OutcomeRow[],
): FoldedOutcomes {
  const healths = new Map<string, EndpointHealth>();
  const hours = new Map<string, CountedHour>();
  for (const outcome of outcomes) {
    const before = healths.get(outcome.subscription) ?? known.get(outcome.subscription);
    if (before && outcome.offset <= before.offset && outcome.recordTimestampMs <= before.recordTimestampMs) continue;
    healths.set(outcome.subscription, after(before, outcome));
    count(hours, outcome);
  }
  return { healths: [...healths.values()], hours: [...hours.values()] };
}

function after(before: EndpointHealth | undefined, outcome: OutcomeRow): EndpointHealth {
  const { subscription, organization, offset, recordTimestampMs, configVersion, endedAtMs, failure } = outcome;
  const common = {
    ...{ subscription, organization, offset, configVersion },
    recordTimestampMs: Math.max(recordTimestampMs, before?.recordTimestampMs ?? 0),
  };
  const failed = { lastFailureAtMs: before?.lastFailureAtMs ?? null, lastFailure: before?.lastFailure ?? null };
  if (failure === undefined)
    return { ...common, ...failed, lastSuccessAtMs: endedAtMs, failingSinceMs: null, failures: 0 };
  return {
    ...common,
    lastSuccessAtMs: before?.lastSuccessAtMs ?? null,
    lastFailureAtMs: endedAtMs,
    lastFailure: failure,
    failingSinceMs: before?.failingSinceMs ?? endedAtMs,
    failures: (before?.failures ?? 0) + 1,
  };
}

interface CountedHour extends HealthHour {
  successes: number;
  failures: number;
  readonly latencies: number[];
}

/** Counted in place: this is done for every attempt. */
function count(hours: Map<string, CountedHour>, outcome: OutcomeRow): void {
  const { subscription, organization, endedAtMs, durationMs, failure } = outcome;
  const hourMs = endedAtMs - (endedAtMs % HOUR_MS);
  const key = `${subscription} ${hourMs}`;
  let hour = hours.get(key);
  if (!hour) {
    hour = { subscription, organization, hourMs, successes: 0, failures: 0, latencies: noLatencies() };
    hours.set(key, hour);
  }
  if (failure === undefined) hour.successes += 1;
  else hour.failures += 1;
  const latencyClass = latencyClassOf(durationMs);
  hour.latencies[latencyClass] = (hour.latencies[latencyClass] ?? 0) + 1;
}
