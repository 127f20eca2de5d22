import { z } from 'zod';
import { PoisonRecord } from '@hookstream/domain';
import { idOf } from '../ids.js';
import { parseJson } from '../json-header.js';
import type { ConsumedRecord, OutgoingRecord } from '../record.js';
import { eventAttributesSchema } from './event-header.js';

const routedEventSchema = z.object({
  event: eventAttributesSchema,
  /** When the router handled it: the run's start. */
  routedAtMs: z.number(),
  matched: z.array(z.object({ subscription: idOf('sub'), version: z.number(), delivery: idOf('dlv') })),
  /** Matched by type, but inactive. */
  skipped: z.array(z.object({ subscription: idOf('sub'), version: z.number() })),
  filterErrors: z.array(z.object({ subscription: idOf('sub'), message: z.string() })),
});

const routedBatchSchema = z.object({ events: z.array(routedEventSchema) });

/** What the router decided about one event. */
export type RoutedEvent = z.infer<typeof routedEventSchema>;

/** What the router decided about events of one intake batch. */
export interface RoutedBatch {
  /** Any: whoever reads the topic needs no order in it. Batches that are written together share one, and so a partition. */
  readonly key: string;
  readonly events: readonly RoutedEvent[];
}

/** One record; the router keeps batches small enough for the topic's largest message. */
export function encodeRoutedBatch(routedTopic: string, batch: RoutedBatch): OutgoingRecord {
  return {
    topic: routedTopic,
    key: batch.key,
    value: Buffer.from(JSON.stringify({ events: batch.events })),
  };
}

/** @throws PoisonRecord when the record was not written by Hookstream */
export function decodeRoutedBatch(record: ConsumedRecord): RoutedEvent[] {
  if (!record.value) throw new PoisonRecord('undecodable', 'the value is null');
  return parseJson(routedBatchSchema, record.value, 'routed batch').events;
}
