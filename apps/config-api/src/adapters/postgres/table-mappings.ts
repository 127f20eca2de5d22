import { sourceMappingSchema, subscriptionSettingsSchema } from '@hookstream/contracts';
import {
  isId,
  type ApiKeyId,
  type EventTypeId,
  type IdPrefix,
  type OrganizationId,
  type SourceId,
  type SubscriptionId,
} from '@hookstream/domain';
import { z } from 'zod';
import { apiKeyDocument, type ApiKeyState } from '../../core/api-keys/api-keys.js';
import { eventTypeDocument, type EventTypeState } from '../../core/event-types/event-type-state.js';
import { organizationDocument, type OrganizationState } from '../../core/organizations/organizations.js';
import { type Rejection } from '../../core/outcome.js';
import { sourceDocument, type SourceState } from '../../core/sources/sources.js';
import { type StoredSecret } from '../../core/subscriptions/stored-secret.js';
import { subscriptionDocument, type SubscriptionState } from '../../core/subscriptions/subscription-state.js';
import { owePings } from './owed-pings.js';
import { type TableMapping } from './postgres-config-store.js';
import { apiKeyRows, eventTypeRows, organizationRows, sourceRows, subscriptionRows } from './rows.js';

const storedSecret: z.ZodType<StoredSecret> = z.union([
  z.object({
    sealed: z.string(),
    fingerprint: z.string(),
    publicKey: z.string().exactOptional(),
    expiresAtMs: z.number().nullable(),
  }),
  // Of before secrets had fingerprints.
  z.string().transform((sealed) => ({ sealed, fingerprint: 'unknown', expiresAtMs: null })),
]);

function id<Id extends `${IdPrefix}_${string}`>(prefix: IdPrefix): z.ZodType<Id> {
  return z.custom<Id>((value) => typeof value === 'string' && isId(prefix, value));
}

const organization = id<OrganizationId>('org');
const unknownOrganization: Rejection = {
  kind: 'field',
  pointer: '/organization',
  message: 'there is no such organization',
};
const inUse: Rejection = {
  kind: 'conflict',
  detail: 'The organization still has subscriptions, event types or API keys; delete them first.',
};

export const organizationMapping: TableMapping<OrganizationState> = {
  kind: 'organization',
  table: organizationRows,
  state: z.object({
    id: organization,
    version: z.number(),
    name: z.string(),
    externalId: z.string().nullable(),
    quotas: z.object({
      subscriptions: z.number().nullable(),
      eventTypes: z.number().nullable(),
      apiKeys: z.number().nullable(),
    }),
    startInactive: z.boolean(),
    createdAt: z.date(),
    updatedAt: z.date(),
  }),
  document: organizationDocument,
  owner: 'id',
  ownerOf: (state) => state.id,
  violations: {
    organizations_external_id: {
      kind: 'conflict',
      detail: 'Another organization has this externalId; it must be unique.',
    },
    subscriptions_organization: inUse,
    api_keys_organization: inUse,
    event_types_organization: inUse,
  },
};

export const subscriptionMapping: TableMapping<SubscriptionState> = {
  kind: 'subscription',
  table: subscriptionRows,
  state: z.object({
    id: id<SubscriptionId>('sub'),
    version: z.number(),
    organization,
    name: z.string(),
    description: z.string(),
    active: z.boolean(),
    activatedAt: z.date().nullable(),
    inactiveReason: z.string().nullable(),
    inactiveSince: z.date().nullable(),
    paused: z.boolean(),
    resumedAt: z.date().nullable(),
    settings: subscriptionSettingsSchema,
    maxAgeFollowsSchedule: z.boolean(),
    sealedSecrets: z.array(storedSecret),
    metadata: z.record(z.string(), z.string()),
    createdAt: z.date(),
    updatedAt: z.date(),
  }),
  document: subscriptionDocument,
  owner: 'organization',
  ownerOf: (state) => state.organization,
  violations: { subscriptions_organization: unknownOrganization },
  alongside: owePings,
};

export const apiKeyMapping: TableMapping<ApiKeyState> = {
  kind: 'api-key',
  table: apiKeyRows,
  state: z.object({
    id: id<ApiKeyId>('key'),
    version: z.number(),
    name: z.string(),
    organization: organization.nullable(),
    role: z.enum(['producer', 'viewer', 'editor', 'admin']),
    grants: z.array(z.enum(['create', 'edit', 'delete'])),
    lastUsedAt: z.date().nullable(),
    hash: z.string(),
    prefix: z.string(),
    expiresAt: z.date().nullable(),
    createdAt: z.date(),
  }),
  document: apiKeyDocument,
  owner: 'organization',
  ownerOf: (state) => state.organization,
  violations: { api_keys_organization: unknownOrganization },
};

export const sourceMapping: TableMapping<SourceState> = {
  kind: 'source',
  table: sourceRows,
  state: z.object({
    id: id<SourceId>('src'),
    version: z.number(),
    name: z.string(),
    topic: z.string(),
    mapping: sourceMappingSchema,
    startFrom: z.string(),
    startOffsets: z.record(z.string(), z.number()),
    createdAt: z.date(),
  }),
  document: sourceDocument,
  owner: null,
  ownerOf: () => null,
  violations: { sources_topic: { kind: 'conflict', detail: 'Another source reads this topic already.' } },
};

export const eventTypeMapping: TableMapping<EventTypeState> = {
  kind: 'event-type',
  table: eventTypeRows,
  state: z.object({
    id: id<EventTypeId>('typ'),
    version: z.number(),
    organization: organization.nullable(),
    name: z.string(),
    group: z.string(),
    description: z.string(),
    example: z.string().nullable(),
    schemas: z.array(z.object({ version: z.number(), schema: z.string().nullable(), createdAt: z.string() })),
    createdAt: z.date(),
    updatedAt: z.date(),
  }),
  document: eventTypeDocument,
  owner: 'organization',
  sharesUnowned: true,
  ownerOf: (state) => state.organization,
  violations: {
    event_types_organization: unknownOrganization,
    event_types_name: { kind: 'conflict', detail: 'This type is declared already; change it with PATCH.' },
  },
};
