import { readFileSync } from 'node:fs';
import { DEFAULT_MAX_EVENT_BYTES, parseEncryptionKeys } from '@hookstream/contracts';
import { parseEgressAllow } from '@hookstream/egress';
import { DEFAULT_LANE_LIMITS } from '@hookstream/engine';
import { bytes, integer, secret, serviceSettings, text } from '@hookstream/service';
import { z } from 'zod';

const egressAllow = text().transform((written, context) => {
  const parsed = parseEgressAllow(written);
  if (parsed.ok) return parsed.allow;
  context.addIssue({ code: 'custom', message: parsed.message, input: written });
  return z.NEVER;
});

const encryptionKeys = secret().transform((written, context) => {
  try {
    return parseEncryptionKeys(written);
  } catch (error) {
    context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : 'cannot be read' });
    return z.NEVER;
  }
});

/** What the dispatcher can be told. It has no database settings: dispatch never asks one. */
export const settings = z.object({
  ...serviceSettings({ port: 8082 }),
  MAX_EVENT_BYTES: bytes({ min: 1_024 })
    .prefault(String(DEFAULT_MAX_EVENT_BYTES))
    .meta({ description: 'Largest data of an event; the same for all services' }),
  EGRESS_ALLOW: egressAllow.prefault('').meta({
    description: 'Addresses outside the public Internet that endpoints may have, as CIDR blocks',
    unit: 'list',
  }),
  ENCRYPTION_KEYS: encryptionKeys.meta({
    description: 'Keys that secrets are sealed with, <id>:<base64 of 32 bytes>, the current one first',
    secret: true,
  }),
  MAX_IN_FLIGHT: integer({ min: 1, max: 10_000 }).prefault(String(DEFAULT_LANE_LIMITS.inFlight)).meta({
    description:
      'Requests under way at once, over all endpoints; twice as many more to those that are slow, hang or are new',
  }),
  HYDRATE_CACHE_BYTES: bytes({ min: 0 }).prefault('32MiB').meta({
    description:
      'Memory for entities that `payload.hydrate.cache` lets serve again; 64 MiB come on top for those under way',
  }),
  HYDRATE_DIR: text().prefault('').meta({
    description:
      'Folder for tables of entities that are read from topics (`payload.hydrate.topic`), made anew by each process; not shared between machines. Default: that of the system for temporary files',
  }),
  HYDRATE_TABLE_CACHE_BYTES: bytes({ min: 65_536 }).prefault('8MiB').meta({
    description: 'Memory for each such table, beside what is on disk',
  }),
  MAX_QUEUED_BYTES: bytes({ min: 1_048_576 }).prefault('256MiB').meta({
    description: 'Memory for deliveries that wait or are under way; 96 MiB come on top for those fetched ahead',
  }),
});

export type Settings = z.output<typeof settings>;

const manifestSchema = z.object({ version: z.string() });

/** `Hookstream/<version>`, as endpoints see it. */
export function userAgent(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  return `Hookstream/${manifestSchema.parse(manifest).version}`;
}
