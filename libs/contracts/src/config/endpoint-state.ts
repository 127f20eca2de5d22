import { z } from 'zod';
import type { SubscriptionId } from '@hookstream/domain';
import { idOf } from '../ids.js';
import { parseJson } from '../json-header.js';
import type { ConsumedRecord, OutgoingRecord } from '../record.js';

const endpointStateSchema = z.object({
  subscription: idOf('sub'),
  breaker: z.enum(['closed', 'open', 'half-open']),
  /** When an open breaker lets a probe through. */
  openUntilMs: z.number().nullable(),
  /** Times it has opened since it was last closed: each doubles how long it stays open. */
  openings: z.number(),
  /** `Retry-After` holds the endpoint until then. */
  holdUntilMs: z.number().nullable(),
  /** More waits than the lane can take: new deliveries go to `parked`. */
  overflowing: z.boolean(),
  consecutiveFailures: z.number(),
  atMs: z.number(),
});

/** What the dispatcher that owns an endpoint knows of its health; survives restarts and tells the router whom to park. */
export type EndpointState = z.infer<typeof endpointStateSchema>;

export function encodeEndpointState(topic: string, state: EndpointState): OutgoingRecord {
  return { topic, key: state.subscription, value: Buffer.from(JSON.stringify(state)) };
}

/** It is healthy again: nothing needs to be known of it. */
export function forgetEndpointState(topic: string, subscription: SubscriptionId): OutgoingRecord {
  return { topic, key: subscription, value: null };
}

export function decodeEndpointState(record: ConsumedRecord): EndpointState | null {
  return record.value && parseJson(endpointStateSchema, record.value, 'endpoint state');
}
