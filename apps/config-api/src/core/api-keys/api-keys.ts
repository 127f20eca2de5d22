import { randomBytes } from 'node:crypto';
import { type ApiKeyDocument } from '@hookstream/contracts';
import { isId, newId, type ApiKeyId, type OrganizationId } from '@hookstream/domain';
import { z } from 'zod';
import { type Caller } from '../caller.js';
import { type ConfigStore, type ExpectedVersions, type Page, type PageRequest } from '../config-store.js';
import { choice, line, organizationReference } from '../fields.js';
import { bindingFor, type OrganizationDirectory, scopeOfList } from '../organizations/organization-of-request.js';
import { accepted, type Outcome, rejected } from '../outcome.js';
import { formatApiKey, hashApiKey, shownPrefix } from './api-key-secret.js';

export interface ApiKeyState {
  readonly id: ApiKeyId;
  readonly version: number;
  readonly name: string;
  /** `null`: platform-wide. */
  readonly organization: OrganizationId | null;
  readonly role: 'admin';
  readonly hash: string;
  /** Its first characters, to tell keys apart. */
  readonly prefix: string;
  readonly expiresAt: Date | null;
  readonly createdAt: Date;
}

export const apiKeyRequest = z
  .strictObject({
    name: line(200).prefault('API key'),
    role: choice(['admin'], ['producer', 'viewer', 'editor']).prefault('admin'),
    organization: organizationReference.nullable().optional().meta({
      description: 'What the key is bound to; `null` makes a platform-wide key, which only such a key may do.',
    }),
    expiresAt: z.iso
      .datetime({ offset: true })
      .nullable()
      .prefault(null)
      .meta({ description: 'RFC 3339; from then on the key is refused.' }),
  })
  .meta({ id: 'ApiKeyRequest' });

export type ApiKeyRequest = z.output<typeof apiKeyRequest>;

export const apiKeyView = z
  .object({
    id: z.string(),
    version: z.int(),
    name: z.string(),
    role: z.literal('admin'),
    organization: z.string().nullable(),
    prefix: z.string().meta({ examples: ['hsk_3f9a1c'] }),
    expiresAt: z.iso.datetime().nullable(),
    createdAt: z.iso.datetime(),
    key: z.string().optional().meta({ description: 'The key itself, only in the answer that makes it.' }),
  })
  .meta({ id: 'ApiKey' });

export function viewApiKey(state: ApiKeyState, key?: string): z.input<typeof apiKeyView> {
  const { id, version, name, role, organization, prefix } = state;
  return {
    id,
    version,
    name,
    role,
    organization,
    prefix,
    expiresAt: state.expiresAt?.toISOString() ?? null,
    createdAt: state.createdAt.toISOString(),
    ...(key !== undefined && { key }),
  };
}

export function apiKeyDocument({ id, version, organization, role, hash, expiresAt }: ApiKeyState): ApiKeyDocument {
  return { kind: 'api-key', id, version, organization, role, hash, expiresAtMs: expiresAt?.getTime() ?? null };
}

/** A key as stored: its hash, never the key. */
export function newApiKey(key: string, given: Pick<ApiKeyState, 'name' | 'organization' | 'expiresAt'>, now: Date) {
  const state: ApiKeyState = {
    ...given,
    id: newId('key'),
    version: 1,
    role: 'admin',
    hash: hashApiKey(key),
    prefix: shownPrefix(key),
    createdAt: now,
  };
  return state;
}

export interface ApiKeysParts {
  readonly store: ConfigStore<ApiKeyState>;
  readonly organizations: OrganizationDirectory;
  /** A key is refused from now on. */
  readonly onRemoved: (id: ApiKeyId) => void;
  readonly now: () => Date;
}

export class ApiKeys {
  constructor(private readonly parts: ApiKeysParts) {}

  async create(
    caller: Caller,
    request: ApiKeyRequest,
  ): Promise<Outcome<{ readonly state: ApiKeyState; readonly key: string }>> {
    const binding = await bindingFor(caller, request.organization, this.parts.organizations);
    if (!binding.ok) return binding;
    const now = this.parts.now();
    const expiresAt = request.expiresAt === null ? null : new Date(request.expiresAt);
    if (expiresAt !== null && expiresAt <= now) {
      return rejected({ kind: 'field', pointer: '/expiresAt', message: 'must be in the future' });
    }
    const key = formatApiKey(randomBytes(32));
    const state = newApiKey(key, { name: request.name, organization: binding.value, expiresAt }, now);
    const stored = await this.parts.store.insert(state);
    return stored.ok ? accepted({ state: stored.value, key }) : stored;
  }

  find(caller: Caller, id: string): Promise<ApiKeyState | undefined> {
    return this.parts.store.find(id, caller.organization);
  }

  async list(caller: Caller, organization: string | undefined, page: PageRequest): Promise<Outcome<Page<ApiKeyState>>> {
    const scope = await scopeOfList(caller, organization, this.parts.organizations);
    return scope.ok ? accepted(await this.parts.store.list({ ...page, scope: scope.value })) : scope;
  }

  async remove(caller: Caller, id: string, expected: ExpectedVersions): Promise<Outcome<void>> {
    if (id === caller.key) {
      return rejected({ kind: 'conflict', detail: 'A key cannot delete itself; use another one.' });
    }
    const removed = await this.parts.store.remove(id, caller.organization, expected);
    if (removed.ok && isId('key', id)) this.parts.onRemoved(id);
    return removed;
  }
}
