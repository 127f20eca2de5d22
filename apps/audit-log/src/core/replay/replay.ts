import { createHash } from 'node:crypto';
import type { Delivery } from '@hookstream/contracts';
import { isId, newId } from '@hookstream/domain';
import { maySee, type Caller } from '../access/caller.js';
import type { DeliveryRow } from '../ingest/log-rows.js';
import { NO_ROWS, type LogRows } from '../ingest/log-rows.js';
import type { LogReader } from '../read/log-reader.js';
import { replayDelivery, type KnownSubscription } from './replay-delivery.js';

export interface ReplayParts {
  readonly log: Pick<LogReader, 'delivery' | 'event'>;
  readonly subscriptions: { get(id: string): KnownSubscription | undefined };
  /** Resolves when the record is safe. */
  readonly publish: (delivery: Delivery) => Promise<void>;
  readonly store: { write(rows: LogRows): Promise<void> };
  /** Milliseconds since the epoch. */
  readonly nowMs: () => number;
}

export type ReplayAnswer =
  | { readonly kind: 'begun'; readonly delivery: string; readonly run: string }
  /** Not there, or not for this caller. */
  | { readonly kind: 'not-found' }
  | { readonly kind: 'conflict'; readonly detail: string };

/**
 * Sends a delivery once more, as a new run of it: by the settings of now, from the payload that the log holds.
 *
 * The record is written first: killed after that, the run is under way, and its first report makes the row that was not
 * written. The other way round a delivery would be pending for ever.
 */
export class Replay {
  constructor(private readonly parts: ReplayParts) {}

  /** @param idempotencyKey the same one begins the same run, once */
  async begin(caller: Caller, id: string, idempotencyKey?: string): Promise<ReplayAnswer> {
    const { log, subscriptions, publish, store } = this.parts;
    const delivery = isId('dlv', id) ? await log.delivery(id) : undefined;
    if (!delivery || !maySee(caller, delivery.organization)) return { kind: 'not-found' };

    const run = idempotencyKey === undefined ? newId('rpl') : runOf(id, idempotencyKey);
    const begun = { kind: 'begun', delivery: id, run } as const;
    if (delivery.run === run || delivery.earlierRuns.some((earlier) => earlier.run === run)) return begun;

    const subscription = subscriptions.get(delivery.subscription);
    if (!subscription) return conflict(`${delivery.subscription} was deleted: nothing is sent for it any more.`);
    if (!subscription.active) {
      return conflict(`${delivery.subscription} is inactive. Activate it, then replay the delivery.`);
    }
    const logged = await log.event(delivery.event.id);
    if (!logged) return conflict(`The payload of ${delivery.event.id} is not in the log (any more).`);

    const nowMs = this.parts.nowMs();
    const record = replayDelivery({ ...logged, delivery, subscription, run, nowMs });
    await publish(record);
    await store.write({ ...NO_ROWS, deliveries: [pendingRow(record)] });
    return begun;
  }
}

function conflict(detail: string): ReplayAnswer {
  return { kind: 'conflict', detail };
}

function runOf(delivery: string, idempotencyKey: string): string {
  const hash = createHash('sha256').update(`${delivery}\n${idempotencyKey}`).digest('hex');
  return `rpl_${hash.slice(0, 32)}`;
}

function pendingRow({ id, event, organization, subscription, firstSeenAtMs, ...delivery }: Delivery): DeliveryRow {
  const { id: eventId, externalId, type, time, subject } = event;
  return {
    ...{ id, organization, subscription, createdAtMs: firstSeenAtMs, attempts: delivery.attempt - 1 },
    event: {
      ...{ id: eventId, type, time },
      ...(externalId !== undefined && { externalId }),
      ...(subject !== undefined && { subject }),
    },
    standing: { run: delivery.run, runOrder: delivery.runStartedAtMs, state: 'pending', order: 0 },
  };
}
