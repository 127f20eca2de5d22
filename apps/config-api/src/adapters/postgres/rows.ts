import { EntitySchema, type EntitySchemaColumnOptions, type ObjectLiteral } from 'typeorm';

/** What a table holds; each store parses it by its own schema. */
export interface StoredRow extends ObjectLiteral {
  readonly id: string;
  /** Order of creation; not part of what is stored. */
  readonly seq: string;
}

const text: EntitySchemaColumnOptions = { type: 'text' };
const optionalText: EntitySchemaColumnOptions = { type: 'text', nullable: true };
const json: EntitySchemaColumnOptions = { type: 'jsonb' };
const time: EntitySchemaColumnOptions = { type: 'timestamptz' };
const optionalTime: EntitySchemaColumnOptions = { type: 'timestamptz', nullable: true };
const flag: EntitySchemaColumnOptions = { type: 'boolean' };

const every = {
  id: { type: 'text', primary: true },
  seq: { type: 'bigint', generated: 'increment' },
  version: { type: 'integer' },
  createdAt: { ...time, name: 'created_at' },
} satisfies Record<string, EntitySchemaColumnOptions>;

function table(name: string, columns: Record<string, EntitySchemaColumnOptions>): EntitySchema<StoredRow> {
  return new EntitySchema<StoredRow>({ name, tableName: name, columns: { ...every, ...columns } });
}

export const organizationRows = table('organizations', {
  name: text,
  externalId: { ...optionalText, name: 'external_id' },
  quotas: json,
  startInactive: { ...flag, name: 'start_inactive' },
  updatedAt: { ...time, name: 'updated_at' },
});

export const subscriptionRows = table('subscriptions', {
  organization: text,
  name: text,
  description: text,
  active: flag,
  activatedAt: { ...optionalTime, name: 'activated_at' },
  inactiveReason: { ...optionalText, name: 'inactive_reason' },
  inactiveSince: { ...optionalTime, name: 'inactive_since' },
  paused: flag,
  resumedAt: { ...optionalTime, name: 'resumed_at' },
  settings: json,
  maxAgeFollowsSchedule: { ...flag, name: 'max_age_follows_schedule' },
  sealedSecrets: { ...json, name: 'sealed_secrets' },
  metadata: json,
  updatedAt: { ...time, name: 'updated_at' },
});

export const apiKeyRows = table('api_keys', {
  name: text,
  organization: optionalText,
  role: text,
  hash: text,
  prefix: text,
  grants: json,
  expiresAt: { ...optionalTime, name: 'expires_at' },
  lastUsedAt: { ...optionalTime, name: 'last_used_at' },
});

export const sourceRows = table('sources', {
  name: text,
  topic: text,
  mapping: json,
  startFrom: { ...text, name: 'start_from' },
  startOffsets: { ...json, name: 'start_offsets' },
});

export const eventTypeRows = table('event_types', {
  organization: optionalText,
  name: text,
  group: { ...text, name: 'type_group' },
  description: text,
  example: optionalText,
  schemas: json,
  updatedAt: { ...time, name: 'updated_at' },
});
