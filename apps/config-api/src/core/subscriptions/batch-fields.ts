import {
  BATCH_FORMATS,
  formatDuration,
  isBatchFormat,
  type BatchSettings,
  type PayloadFormat,
  type PayloadSettings,
  type SigningScheme,
} from '@hookstream/domain';
import { z } from 'zod';
import { durationBetween } from '../fields.js';
import { type Rejection } from '../outcome.js';

const MIN_ENTRIES = 2;
const MAX_ENTRIES = 1_000;
const DEFAULT_ENTRIES = 100;
/** Nothing waits in a dispatcher's memory for longer. */
const MAX_WAIT_MS = 5_000;
const DEFAULT_WAIT_MS = 1_000;

/** `payload.batch` of a subscription request. */
export const batchRequest = z
  .strictObject({
    maxEntries: z
      .int()
      .min(MIN_ENTRIES)
      .max(MAX_ENTRIES)
      .prefault(DEFAULT_ENTRIES)
      .meta({ description: 'Most events in one request; their data is at most 1 MiB (128 KiB with a template).' }),
    maxWait: durationBetween(0, MAX_WAIT_MS)
      .prefault(formatDuration(DEFAULT_WAIT_MS))
      .meta({ description: 'How long an event waits for others, 0ms to 5s.', examples: ['1s'] }),
  })
  .nullable()
  .prefault(null)
  .meta({
    description: `Several events in one request, each with an outcome of its own, in the formats ${BATCH_FORMATS.join(', ')}. Default: each event has a request of its own.`,
  });

export const batchView = z.object({ maxEntries: z.int(), maxWait: z.string() }).nullable();

type BatchRequest = z.output<typeof batchRequest>;

export function batchOf(batch: BatchRequest): Pick<PayloadSettings, 'batch'> {
  return batch ? { batch: { maxEntries: batch.maxEntries, maxWaitMs: batch.maxWait } } : {};
}

export function viewBatch(batch: BatchSettings | undefined): z.input<typeof batchView> {
  return batch ? { maxEntries: batch.maxEntries, maxWait: formatDuration(batch.maxWaitMs) } : null;
}

/** What of a subscription does not go with `payload.batch`, though each of its fields is fine. */
export function unfitBatch({ payload, endpoint, signing, ordering }: BesideBatch): Rejection | undefined {
  const { batch, format, binding } = payload;
  if (!batch) return undefined;
  const refused = (message: string) => ({ kind: 'field', pointer: '/payload/batch', message }) as const;
  if (!isBatchFormat(format)) return refused(`goes with the formats ${BATCH_FORMATS.join(', ')}, not with "${format}"`);
  if (binding === 'delivery')
    return refused('does not go with payload.binding "delivery", by which one entity is read for a request');
  if (ordering.mode === 'fifo')
    return refused('does not go with ordering.mode "fifo", by which one event of a key goes after another');
  if (signing.scheme === 'md5')
    return refused('does not go with signing.scheme "md5", whose envelope is for one event');
  const header = Object.entries(endpoint.headers).find(([, value]) => OF_ONE_EVENT.test(value));
  if (!header) return undefined;
  const [name] = header;
  const message = 'has a place for what is said of one event; with payload.batch, a request has several';
  return { kind: 'field', pointer: `/endpoint/headers/${name}`, message };
}

const OF_ONE_EVENT = /\{\{\s*event\./;

interface BesideBatch {
  readonly payload: {
    readonly format: PayloadFormat;
    readonly binding: 'event' | 'delivery';
    readonly batch: BatchRequest;
  };
  readonly endpoint: { readonly headers: Readonly<Record<string, string>> };
  readonly signing: { readonly scheme: SigningScheme };
  readonly ordering: { readonly mode: 'none' | 'fifo' };
}
