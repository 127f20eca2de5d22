import { deliveryId, type SubscriptionSettings } from '@hookstream/domain';
import {
  encodeDelivery,
  type ConsumedRecord,
  type Delivery,
  type OutgoingRecord,
  type SubscriptionDocument,
} from '@hookstream/contracts';
import { aDelivery, anEvent, asConsumed } from './a-delivery.js';

export const NOW_MS = 1_767_225_600_000;

const event = anEvent({ source: 'billing', origin: { topic: 't.events', partition: 0, offset: 0 } });

/** A delivery that is due at `NOW_MS`, for its first attempt. */
export function aDueDelivery(part: Partial<Delivery> = {}): Delivery {
  return aDelivery({
    id: deliveryId(event.id, 'sub_1'),
    event,
    data: Buffer.from('{"amount":7}'),
    configVersion: 3,
    runStartedAtMs: NOW_MS,
    firstSeenAtMs: NOW_MS,
    dueAtMs: NOW_MS,
    plannedAtMs: NOW_MS,
    ...part,
  });
}

export interface DocumentPart extends Partial<Omit<SubscriptionDocument, 'settings'>> {
  readonly endpoint?: Partial<SubscriptionSettings['endpoint']>;
  readonly retry?: Partial<SubscriptionSettings['retry']>;
  readonly format?: SubscriptionSettings['payload']['format'];
  readonly template?: string;
  readonly hydrate?: SubscriptionSettings['payload']['hydrate'];
  readonly batch?: SubscriptionSettings['payload']['batch'];
  readonly scheme?: SubscriptionSettings['signing']['scheme'];
  readonly concurrency?: number;
  readonly perSecond?: number;
  readonly deactivateOnGone?: boolean;
  readonly ordering?: SubscriptionSettings['ordering'];
  readonly test?: SubscriptionSettings['test'];
}

/** An active, unsigned subscription at version 3 that retries after 5 s and 5 min. */
export function aDocument(part: DocumentPart = {}): SubscriptionDocument {
  const {
    endpoint,
    retry,
    template,
    hydrate,
    batch,
    format = template === undefined ? 'json' : 'template',
    scheme = 'none',
    concurrency = 64,
    perSecond,
    deactivateOnGone = true,
    ordering,
    test,
    ...document
  } = part;
  return {
    kind: 'subscription',
    id: 'sub_1',
    version: 3,
    organization: 'org_default',
    name: 'billing',
    active: true,
    activatedAtMs: 0,
    paused: false,
    resumedAtMs: 0,
    sealedSecrets: [],
    settings: {
      eventTypes: ['**'],
      endpoint: {
        url: 'https://receiver.example/hook',
        method: 'POST',
        headers: {},
        timeoutMs: 15_000,
        successStatuses: ['2xx'],
        ...endpoint,
      },
      payload: {
        format,
        ...(template !== undefined && { template }),
        ...(hydrate && { hydrate }),
        ...(batch && { batch }),
      },
      signing: { scheme },
      retry: { scheduleMs: [5_000, 300_000], jitter: 0, maxAgeMs: 3_600_000, nonRetryableStatuses: [], ...retry },
      rateLimit: { concurrency, ...(perSecond !== undefined && { perSecond }) },
      onFailure: { deactivateOnGone },
      ...(ordering && { ordering }),
      ...(test && { test }),
    },
    ...document,
  };
}

/** What a consumer reads of a written record. */
export function asRead(record: OutgoingRecord, offset = 0, partition = 0): ConsumedRecord {
  return asConsumed(record, { offset, partition, timestamp: NOW_MS });
}

export function aRecord(offset: number, delivery: Delivery, topic = 't.deliveries'): ConsumedRecord {
  return asRead(encodeDelivery(topic, delivery), offset);
}
