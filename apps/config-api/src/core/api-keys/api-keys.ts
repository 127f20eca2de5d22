import { randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { type ApiKeyDocument } from '@hookstream/contracts';
import { isId, newId, type ApiKeyId, type OrganizationId } from '@hookstream/domain';
import { z } from 'zod';
import { type Caller, type Grant, type Role } from '../caller.js';
import { type ConfigStore, type ExpectedVersions, type Page, type PageRequest } from '../config-store.js';
import { choice, line, organizationReference } from '../fields.js';
import { mergePatch } from '../json-merge.js';
import { bindingFor, type OrganizationDirectory, scopeOfList } from '../organizations/organization-of-request.js';
import { accepted, type Outcome, rejected } from '../outcome.js';
import { formatApiKey, hashApiKey, shownPrefix } from './api-key-secret.js';

export const ALL_GRANTS: readonly Grant[] = ['create', 'edit', 'delete'];

export interface ApiKeyState {
  readonly id: ApiKeyId;
  readonly version: number;
  readonly name: string;
  /** `null`: platform-wide. */
  readonly organization: OrganizationId | null;
  readonly role: Role;
  /** What an editor may do. */
  readonly grants: readonly Grant[];
  readonly hash: string;
  /** Its first characters, to tell keys apart. */
  readonly prefix: string;
  readonly expiresAt: Date | null;
  /** Within a minute; `null`: never, or not since this was counted. */
  readonly lastUsedAt: Date | null;
  readonly createdAt: Date;
}

const apiKeyFields = z.strictObject({
  name: line(200).prefault('API key'),
  role: choice(['producer', 'viewer', 'editor', 'admin']).prefault('admin').meta({
    description:
      '`producer` sends events only; `viewer` reads; `editor` also sends events and writes, as far as its grants go; `admin` also manages keys.',
  }),
  grants: z
    .array(z.enum(['create', 'edit', 'delete']))
    .min(1)
    .optional()
    .meta({ description: 'What an `editor` may do. Default: all three.' }),
  organization: organizationReference.nullable().optional().meta({
    description: 'What the key is bound to; `null` makes a platform-wide key, which only such a key may do.',
  }),
  expiresAt: z.iso
    .datetime({ offset: true })
    .nullable()
    .prefault(null)
    .meta({ description: 'RFC 3339; from then on the key is refused.' }),
});

const grantsOfEditorsOnly = {
  path: ['grants'],
  error: 'go with the role "editor" only',
};

export const apiKeyRequest = apiKeyFields
  .refine(({ role, grants }) => grants === undefined || role === 'editor', grantsOfEditorsOnly)
  .meta({ id: 'ApiKeyRequest' });

/** What of a key can be changed: neither the key itself nor whose it is. */
export const apiKeyReplacement = apiKeyFields
  .extend({ organization: z.never({ error: 'cannot be changed; make a new key there' }).optional() })
  .refine(({ role, grants }) => grants === undefined || role === 'editor', grantsOfEditorsOnly);

export type ApiKeyRequest = z.output<typeof apiKeyRequest>;
export type ApiKeyReplacement = z.output<typeof apiKeyReplacement>;

export const apiKeyView = z
  .object({
    id: z.string(),
    version: z.int(),
    name: z.string(),
    role: z.enum(['producer', 'viewer', 'editor', 'admin']),
    grants: z.array(z.enum(['create', 'edit', 'delete'])),
    organization: z.string().nullable(),
    prefix: z.string().meta({ examples: ['hsk_3f9a1c'] }),
    expiresAt: z.iso.datetime().nullable(),
    lastUsedAt: z.iso.datetime().nullable().meta({ description: 'To the minute.' }),
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
    grants: [...state.grants],
    organization,
    prefix,
    lastUsedAt: state.lastUsedAt?.toISOString() ?? null,
    expiresAt: state.expiresAt?.toISOString() ?? null,
    createdAt: state.createdAt.toISOString(),
    ...(key !== undefined && { key }),
  };
}

/**
 * The request that a merge patch makes of what is stored. Grants go with the role that had them; an organization in the patch
 * stays in it, `null` too, to be refused.
 */
export function patchedApiKey({ name, role, grants, expiresAt }: ApiKeyState, patch: unknown): unknown {
  const given = typeof patch === 'object' && patch !== null ? patch : {};
  const changesRole = 'role' in given && given.role !== role;
  const present = {
    name,
    role,
    ...(role === 'editor' && !changesRole && { grants: [...grants] }),
    expiresAt: expiresAt?.toISOString() ?? null,
  };
  const merged = mergePatch(present, patch);
  if (!('organization' in given) || typeof merged !== 'object') return merged;
  return { ...merged, organization: given.organization };
}

export function apiKeyDocument(state: ApiKeyState): ApiKeyDocument {
  const { id, version, organization, role, grants, hash, expiresAt } = state;
  const expiresAtMs = expiresAt?.getTime() ?? null;
  return { kind: 'api-key', id, version, organization, role, grants: [...grants], hash, expiresAtMs };
}

/** A key as stored: its hash, never the key. */
export function newApiKey(
  key: string,
  given: Pick<ApiKeyState, 'name' | 'organization' | 'role' | 'grants' | 'expiresAt'>,
  now: Date,
) {
  const state: ApiKeyState = {
    ...given,
    id: newId('key'),
    version: 1,
    lastUsedAt: null,
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
    const { name, role } = request;
    const grants = role === 'editor' ? (request.grants ?? ALL_GRANTS) : [];
    const state = newApiKey(key, { name, role, grants, organization: binding.value, expiresAt }, now);
    const stored = await this.parts.store.insert(caller, state);
    return stored.ok ? accepted({ state: stored.value, key }) : stored;
  }

  find(caller: Caller, id: string): Promise<ApiKeyState | undefined> {
    return this.parts.store.find(id, caller.organization);
  }

  async list(caller: Caller, organization: string | undefined, page: PageRequest): Promise<Outcome<Page<ApiKeyState>>> {
    const scope = await scopeOfList(caller, organization, this.parts.organizations);
    return scope.ok ? accepted(await this.parts.store.list({ ...page, scope: scope.value })) : scope;
  }

  /** A key can neither take its own rights nor end its own time: that would be noticed when nobody can undo it. */
  async replace(
    caller: Caller,
    id: string,
    { name, role, grants: given, expiresAt: expiry }: ApiKeyReplacement,
    expected: ExpectedVersions,
  ): Promise<Outcome<ApiKeyState>> {
    const expiresAt = expiry === null ? null : new Date(expiry);
    const grants = role === 'editor' ? (given ?? ALL_GRANTS) : [];
    return this.parts.store.change(caller, id, caller.organization, expected, (state) => {
      const isOtherExpiry = expiresAt?.getTime() !== state.expiresAt?.getTime();
      if (isOtherExpiry && expiresAt !== null && expiresAt <= this.parts.now()) {
        return rejected({ kind: 'field', pointer: '/expiresAt', message: 'must be in the future' });
      }
      if (id === caller.key && (isOtherExpiry || role !== state.role)) {
        return rejected({ kind: 'conflict', detail: 'A key cannot change its own role or expiry; use another one.' });
      }
      const next = { ...state, name, role, grants, expiresAt };
      return accepted(isDeepStrictEqual(next, state) ? state : { ...next, version: state.version + 1 });
    });
  }

  async remove(caller: Caller, id: string, expected: ExpectedVersions): Promise<Outcome<void>> {
    if (id === caller.key) {
      return rejected({ kind: 'conflict', detail: 'A key cannot delete itself; use another one.' });
    }
    const removed = await this.parts.store.remove(caller, id, caller.organization, expected);
    if (removed.ok && isId('key', id)) this.parts.onRemoved(id);
    return removed;
  }
}
