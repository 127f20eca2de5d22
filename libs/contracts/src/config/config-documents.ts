import { z } from 'zod';
import {
  isFilter,
  isStatusPattern,
  PAYLOAD_FORMATS,
  PoisonRecord,
  SIGNING_SCHEMES,
  type Filter,
  type StatusPattern,
  type SubscriptionSettings,
} from '@hookstream/domain';
import { idOf } from '../ids.js';
import { parseJson } from '../json-header.js';
import { headerText, type ConsumedRecord, type OutgoingRecord } from '../record.js';
import { endpointAuthSchema, endpointTlsSchema } from './endpoint-auth-schema.js';
import { hydrationSchema } from './hydration-schema.js';

const statusPattern = z.custom<StatusPattern>(isStatusPattern);

export const subscriptionSettingsSchema: z.ZodType<SubscriptionSettings> = z.object({
  profile: z.string().exactOptional(),
  eventTypes: z.array(z.string()),
  filters: z.array(z.custom<Filter>(isFilter)).exactOptional(),
  endpoint: z.object({
    url: z.string(),
    method: z.enum(['POST', 'PUT', 'PATCH']),
    headers: z.record(z.string(), z.string()),
    timeoutMs: z.number(),
    successStatuses: z.array(statusPattern),
    auth: endpointAuthSchema.exactOptional(),
    tls: endpointTlsSchema.exactOptional(),
    httpsOnly: z.boolean().exactOptional(),
    handshake: z
      .object({ agreed: z.object({ url: z.string(), perSecond: z.number().exactOptional() }).exactOptional() })
      .exactOptional(),
  }),
  payload: z.object({
    format: z.enum(PAYLOAD_FORMATS),
    template: z.string().exactOptional(),
    contentType: z.string().exactOptional(),
    hydrate: hydrationSchema.exactOptional(),
    batch: z.object({ maxEntries: z.number(), maxWaitMs: z.number() }).exactOptional(),
  }),
  signing: z.object({ scheme: z.enum(SIGNING_SCHEMES) }),
  retry: z.object({
    scheduleMs: z.array(z.number()),
    repeatLast: z.boolean().exactOptional(),
    jitter: z.number(),
    maxAgeMs: z.number(),
    nonRetryableStatuses: z.array(statusPattern),
  }),
  rateLimit: z.object({ concurrency: z.number(), perSecond: z.number().exactOptional() }),
  onFailure: z.object({
    deactivateOnGone: z.boolean(),
    warnAfterMs: z.array(z.number()).exactOptional(),
    deactivateAfterMs: z.number().exactOptional(),
    minAttempts: z.number().exactOptional(),
    notify: z.object({ emails: z.array(z.string()), events: z.boolean() }).exactOptional(),
  }),
  ordering: z
    .object({
      mode: z.literal('fifo'),
      orderingKey: z.enum(['subject', 'partitionkey']).exactOptional(),
      policy: z.enum(['block', 'skip', 'pause']),
      skipAfter: z.number().exactOptional(),
    })
    .exactOptional(),
  test: z
    .object({
      onActivation: z.boolean(),
      body: z.string().exactOptional(),
      failureDeactivates: z.boolean(),
      whileInactive: z.boolean(),
    })
    .exactOptional(),
});

/** Every document has a version that only rises; readers drop what is not newer than what they hold. */
const versioned = { version: z.number().int().positive() };

/** A deleted thing: kept 30 days before its tombstone, for only this cancels what still waits. */
const deletedSchema = z.object({
  ...versioned,
  kind: z.literal('deleted'),
  id: z.string(),
  /** Whose it was. */
  organization: idOf('org').nullable(),
  deletedAtMs: z.number(),
});

const subscriptionSchema = z.object({
  ...versioned,
  kind: z.literal('subscription'),
  id: idOf('sub'),
  organization: idOf('org'),
  name: z.string(),
  active: z.boolean(),
  activatedAtMs: z.number(),
  /** No attempt starts; deliveries wait in `parked`. Documents of before there was a pause do not say. */
  paused: z.boolean().default(false),
  /** When it was last resumed: what was known of the endpoint's health before counts no more. */
  resumedAtMs: z.number().default(0),
  settings: subscriptionSettingsSchema,
  /** Each seals the raw bytes of a key. Newest first: all sign, so that a rotation has an overlap. */
  sealedSecrets: z.array(z.string()),
  /** When each of them stops signing, by their order, in ms since the epoch; `null`, and none told: not planned. */
  secretsExpireAtMs: z.array(z.number().nullable()).exactOptional(),
});

const organizationSchema = z.object({
  ...versioned,
  kind: z.literal('organization'),
  id: idOf('org'),
  name: z.string(),
  externalId: z.string().nullable(),
});

const apiKeySchema = z.object({
  ...versioned,
  kind: z.literal('api-key'),
  id: idOf('key'),
  /** `null`: platform-wide. */
  organization: idOf('org').nullable(),
  role: z.enum(['producer', 'viewer', 'editor', 'admin']),
  /** What an editor may do. Documents of before there were grants do not say. */
  grants: z.array(z.enum(['create', 'edit', 'delete'])).default(['create', 'edit', 'delete']),
  /** SHA-256 of the whole key, hexadecimal. The key has 256 random bits, so it needs no salt. */
  hash: z.string(),
  expiresAtMs: z.number().nullable(),
});

/** Where an attribute of an event is found in a record. */
const placeSchema = z.union([
  z.object({ header: z.string() }),
  /** RFC 6901, into a JSON value. */
  z.object({ pointer: z.string() }),
  z.object({ constant: z.string() }),
  z.object({ from: z.enum(['key', 'timestamp']) }),
]);

export const sourceMappingSchema = z.object({
  /** `auto`: CloudEvents binary or structured when the record says so, else plain JSON. */
  format: z.enum(['auto', 'cloudevents', 'json']),
  /** For plain JSON. */
  type: placeSchema,
  id: placeSchema,
  time: placeSchema,
  subject: placeSchema,
  organization: placeSchema,
  /** RFC 6901: the part of the value that is the data. Where there is none, the whole value is. */
  data: z.string(),
});

const sourceSchema = z.object({
  ...versioned,
  kind: z.literal('source'),
  id: idOf('src'),
  topic: z.string(),
  mapping: sourceMappingSchema,
  /** Where readers begin in each partition, resolved when the source was created. */
  startOffsets: z.record(z.string().regex(/^\d+$/), z.number()),
});

/** A declared event type; events of types that nobody declared pass unchecked. */
const eventTypeSchema = z.object({
  ...versioned,
  kind: z.literal('event-type'),
  id: idOf('typ'),
  /** `null`: declared for all organizations; an organization's own declaration goes before. */
  organization: idOf('org').nullable(),
  name: z.string(),
  /** JSON Schema as JSON text; `null`: any data will do. */
  schema: z.string().nullable(),
});

const documentSchema = z.discriminatedUnion('kind', [
  subscriptionSchema,
  organizationSchema,
  apiKeySchema,
  sourceSchema,
  eventTypeSchema,
  deletedSchema,
]);

export type Place = z.infer<typeof placeSchema>;
export type SourceMapping = z.infer<typeof sourceMappingSchema>;
export type SubscriptionDocument = z.infer<typeof subscriptionSchema>;
export type OrganizationDocument = z.infer<typeof organizationSchema>;
export type ApiKeyDocument = z.infer<typeof apiKeySchema>;
export type SourceDocument = z.infer<typeof sourceSchema>;
export type EventTypeDocument = z.infer<typeof eventTypeSchema>;
export type DeletedDocument = z.infer<typeof deletedSchema>;
export type ConfigDocument = z.infer<typeof documentSchema>;

/** The default ingress topic's mapping: CloudEvents, or `{type, data, id?, time?, subject?, organization?}`. */
export const DEFAULT_MAPPING: SourceMapping = {
  format: 'auto',
  type: { pointer: '/type' },
  id: { pointer: '/id' },
  time: { pointer: '/time' },
  subject: { pointer: '/subject' },
  organization: { pointer: '/organization' },
  data: '/data',
};

/** When the change was committed that a record brings first: what lies between that and its being in force is measured. */
const CHANGED_AT = 'changed-at';

/** @param changedAtMs milliseconds since the epoch; none where nothing changed and it is only told again */
export function encodeConfigDocument(topic: string, document: ConfigDocument, changedAtMs?: number): OutgoingRecord {
  return {
    topic,
    key: document.id,
    value: Buffer.from(JSON.stringify(document)),
    ...(changedAtMs !== undefined && { headers: { [CHANGED_AT]: String(Math.round(changedAtMs)) } }),
  };
}

/** The tombstone of what was deleted long ago. */
export function encodeForgotten(topic: string, id: string): OutgoingRecord {
  return { topic, key: id, value: null };
}

/** `undefined` where a record brings no change, or does not say. */
export function changedAtMsOf({ headers }: Pick<ConsumedRecord, 'headers'>): number | undefined {
  const text = headerText(headers, CHANGED_AT);
  return text !== undefined && /^\d{1,16}$/.test(text) ? Number(text) : undefined;
}

/** @throws PoisonRecord when it is none; a tombstone is `null` */
export function decodeConfigDocument(record: ConsumedRecord): ConfigDocument | null {
  if (!record.value) return null;
  const document = parseJson(documentSchema, record.value, 'config document');
  if (record.key?.toString('utf8') !== document.id)
    throw new PoisonRecord('undecodable', 'the key is not the document id');
  return document;
}
