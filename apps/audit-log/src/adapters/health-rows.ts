import type { EntityManager } from 'typeorm';
import { z } from 'zod';
import { foldOutcomes, type EndpointHealth } from '../core/health/endpoint-health.js';
import type { OutcomeRow } from '../core/ingest/log-rows.js';
import { parseRows } from './result-rows.js';

/** `bigint` comes as text. */
export const bigint = z.coerce.number();
const instant = bigint.nullable();

const healthRow = z
  .object({
    subscription: z.string(),
    organization: z.string(),
    record_offset: bigint,
    record_timestamp_ms: bigint,
    config_version: bigint,
    last_success_at_ms: instant,
    last_failure_at_ms: instant,
    last_failure: z.string().nullable(),
    failing_since_ms: instant,
    failures: bigint,
    warned_step_ms: instant,
    warned_at_ms: instant,
  })
  .transform((row) => ({
    subscription: row.subscription,
    organization: row.organization,
    offset: row.record_offset,
    recordTimestampMs: row.record_timestamp_ms,
    configVersion: row.config_version,
    lastSuccessAtMs: row.last_success_at_ms,
    lastFailureAtMs: row.last_failure_at_ms,
    lastFailure: row.last_failure,
    failingSinceMs: row.failing_since_ms,
    failures: row.failures,
    warnedStepMs: row.warned_step_ms,
    warnedAtMs: row.warned_at_ms,
  }));

/** @param answer rows of `endpoint_health`, all columns */
export function healthsOf(answer: unknown): z.output<typeof healthRow>[] {
  return parseRows(healthRow, answer);
}

/** Rows are locked in the order of their ids, as everybody does who changes several. */
const LOCK = 'SELECT * FROM endpoint_health WHERE subscription = ANY($1::text[]) ORDER BY subscription FOR UPDATE';

const BEGIN = `INSERT INTO endpoint_health (subscription, organization)
  SELECT subscription, organization FROM jsonb_to_recordset($1::jsonb) AS given (subscription text, organization text)
  ON CONFLICT DO NOTHING`;

const WRITE = `WITH written AS (
    UPDATE endpoint_health AS kept SET
      record_offset = given."offset", record_timestamp_ms = given."recordTimestampMs",
      config_version = given."configVersion", last_success_at_ms = given."lastSuccessAtMs",
      last_failure_at_ms = given."lastFailureAtMs", last_failure = given."lastFailure",
      failing_since_ms = given."failingSinceMs", failures = given.failures,
      warned_step_ms = CASE WHEN kept.failing_since_ms = given."failingSinceMs" THEN kept.warned_step_ms END,
      warned_at_ms = CASE WHEN kept.failing_since_ms = given."failingSinceMs" THEN kept.warned_at_ms END
    FROM jsonb_to_recordset($1::jsonb) AS given (subscription text, "offset" bigint, "recordTimestampMs" bigint,
      "configVersion" bigint, "lastSuccessAtMs" bigint, "lastFailureAtMs" bigint, "lastFailure" text,
      "failingSinceMs" bigint, failures bigint)
    WHERE kept.subscription = given.subscription
  )
  INSERT INTO endpoint_hours AS kept (subscription, hour_ms, organization, successes, failures, latencies)
  SELECT subscription, "hourMs", organization, successes, failures, latencies
    FROM jsonb_to_recordset($2::jsonb) AS given (subscription text, "hourMs" bigint, organization text,
      successes bigint, failures bigint, latencies bigint[])
   ORDER BY subscription, "hourMs"
  ON CONFLICT (subscription, hour_ms) DO UPDATE SET
    successes = kept.successes + excluded.successes, failures = kept.failures + excluded.failures,
    latencies = (SELECT array_agg(a + b ORDER BY n)
                   FROM unnest(kept.latencies, excluded.latencies) WITH ORDINALITY AS counts (a, b, n))`;

/**
 * Adds attempts to the health of their endpoints, in the transaction that stores them: two statements, however many there
 * are, and two more for subscriptions not met before. Attempts that are in it already are passed over.
 */
export async function addOutcomes(manager: EntityManager, outcomes: readonly OutcomeRow[]): Promise<void> {
  if (outcomes.length === 0) return;
  const organizations = new Map(outcomes.map(({ subscription, organization }) => [subscription, organization]));
  const subscriptions = [...organizations.keys()].sort();
  let known = await lock(manager, subscriptions);
  if (known.size < subscriptions.length) {
    const unknown = subscriptions.filter((subscription) => !known.has(subscription));
    const rows = unknown.map((subscription) => ({ subscription, organization: organizations.get(subscription) }));
    await manager.query(BEGIN, [JSON.stringify(rows)]);
    known = await lock(manager, subscriptions);
  }
  const { healths, hours } = foldOutcomes(known, outcomes);
  if (healths.length > 0) await manager.query(WRITE, [JSON.stringify(healths), JSON.stringify(hours)]);
}

async function lock(manager: EntityManager, subscriptions: readonly string[]): Promise<Map<string, EndpointHealth>> {
  const rows = healthsOf(await manager.query(LOCK, [subscriptions]));
  return new Map(rows.map((row) => [row.subscription, row]));
}
