import type { OrganizationDocument, SourceDocument, SubscriptionDocument } from '@hookstream/contracts';
import { DEFAULT_MAPPING, type ConsumedRecord, type OutgoingRecord } from '@hookstream/contracts';
import { DEFAULT_ORGANIZATION, type Filter, type Ordering } from '@hookstream/domain';

export function subscriptionDocument(
  name: string,
  eventTypes: readonly string[],
  more: Partial<Pick<SubscriptionDocument, 'active' | 'organization' | 'paused' | 'resumedAtMs' | 'version'>> = {},
  ordering?: Ordering,
  filters?: readonly Filter[],
): SubscriptionDocument {
  return {
    kind: 'subscription',
    id: `sub_${name}`,
    version: 1,
    organization: DEFAULT_ORGANIZATION,
    name,
    active: true,
    activatedAtMs: 0,
    paused: false,
    resumedAtMs: 0,
    settings: {
      eventTypes: [...eventTypes],
      endpoint: {
        url: 'https://example.com',
        method: 'POST',
        headers: {},
        timeoutMs: 15_000,
        successStatuses: ['2xx'],
      },
      payload: { format: 'json' },
      signing: { scheme: 'none' },
      retry: { scheduleMs: [], jitter: 0, maxAgeMs: 3_600_000, nonRetryableStatuses: [] },
      rateLimit: { concurrency: 1 },
      onFailure: { deactivateOnGone: true },
      ...(ordering && { ordering }),
      ...(filters && { filters }),
    },
    sealedSecrets: [],
    ...more,
  };
}

export function organizationDocument(name: string, externalId: string | null, version = 1): OrganizationDocument {
  return { kind: 'organization', id: `org_${name}`, version, name, externalId };
}

export function sourceDocument(
  name: string,
  topic: string,
  startOffsets: Readonly<Record<string, number>> = {},
): SourceDocument {
  return { kind: 'source', id: `src_${name}`, version: 1, topic, mapping: DEFAULT_MAPPING, startOffsets };
}

/** A record as a consumer would get it back. */
export function consumed(written: OutgoingRecord, offset = 0, partition = 0): ConsumedRecord {
  const bytes = (text: string | Buffer) => (typeof text === 'string' ? Buffer.from(text) : text);
  return {
    topic: written.topic,
    partition,
    offset,
    timestamp: 1_700_000_000_000,
    key: written.key === null ? null : bytes(written.key),
    value: written.value,
    headers: Object.fromEntries(Object.entries(written.headers ?? {}).map(([name, value]) => [name, bytes(value)])),
  };
}

/** A plain JSON record of the default topic. */
export function plainRecord(offset: number, value: string | Buffer | null, topic = 'events'): ConsumedRecord {
  return consumed({ topic, key: null, value: typeof value === 'string' ? Buffer.from(value) : value }, offset);
}
