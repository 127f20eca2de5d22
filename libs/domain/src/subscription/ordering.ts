import type { EventAttributes } from '../event/event-attributes.js';
import { stableHash } from '../identity/stable-hash.js';

/** What orders a subscription's deliveries one behind the other. */
export interface Ordering {
  readonly mode: 'fifo';
  /** What tells queues apart; left out, the whole subscription is one queue. */
  readonly orderingKey?: 'subject' | 'partitionkey';
  /**
   * What a delivery that fails does to those behind it.
   * - `block`: they wait until it is delivered or its retries are used up, then they go on.
   * - `skip`: they wait for `skipAfter` attempts.
   * - `pause`: as `block`; one that is used up pauses the subscription, and somebody has to resume it.
   */
  readonly policy: 'block' | 'skip' | 'pause';
  /** With `skip` only: attempts of a run, at least 1. */
  readonly skipAfter?: number;
}

/** Longer keys are replaced by their hash: they travel with every delivery and are kept while anything waits. */
const MAX_KEY_LENGTH = 64;

/**
 * Which queue of its subscription an event belongs to; events without the attribute share one.
 *
 * @param recordKey of the ingress record, for events without CloudEvents' `partitionkey`
 */
export function orderingKeyOf(ordering: Ordering, event: EventAttributes, recordKey: Buffer | null): string {
  const key = attributeOf(ordering, event, recordKey) ?? '';
  return key.length <= MAX_KEY_LENGTH ? key : stableHash(key);
}

function attributeOf({ orderingKey }: Ordering, event: EventAttributes, recordKey: Buffer | null): string | undefined {
  if (orderingKey === undefined) return undefined;
  if (orderingKey === 'subject') return event.subject;
  const { extensions = {} } = event;
  const given = Object.hasOwn(extensions, 'partitionkey') ? extensions['partitionkey'] : undefined;
  return given ?? recordKey?.toString('utf8');
}
