import { type ApiKeyId, type OrganizationId } from '@hookstream/domain';
import { type Caller, type Grant, type Role } from '../caller.js';
import { hashApiKey, isApiKey, isSameHash } from './api-key-secret.js';

export interface KnownApiKey {
  readonly id: ApiKeyId;
  readonly organization: OrganizationId | null;
  readonly role: Role;
  readonly grants: readonly Grant[];
  readonly hash: string;
  readonly expiresAtMs: number | null;
}

/** Knows keys by their hash. */
export interface ApiKeyDirectory {
  find(hash: string): KnownApiKey | undefined | Promise<KnownApiKey | undefined>;
}

export type Authentication =
  | { readonly ok: true; readonly caller: Pick<Caller, 'key' | 'organization' | 'role' | 'grants'> }
  /** What is wrong and what to do about it. */
  | { readonly ok: false; readonly detail: string };

const HINT = 'Send "Authorization: Bearer hsk_…".';

/** Tells who asks by an `Authorization` header. */
export class Authenticator {
  /** @param directories asked in this order; the first that knows the key decides */
  constructor(
    private readonly directories: readonly ApiKeyDirectory[],
    private readonly nowMs: () => number,
    /** Told of each use of a key. */
    private readonly onUse: (key: ApiKeyId, atMs: number) => void = () => undefined,
  ) {}

  async authenticate(authorization: string | undefined): Promise<Authentication> {
    if (authorization === undefined) return refused(`No API key was sent. ${HINT}`);
    const [, token = ''] = /^Bearer +(\S+) *$/i.exec(authorization) ?? [];
    if (token === '') return refused(`The Authorization header is not of the form "Bearer <key>". ${HINT}`);
    if (!isApiKey(token)) return refused(`This is not a whole API key of Hookstream: those begin with "hsk_". ${HINT}`);
    const key = await this.find(hashApiKey(token));
    if (!key) return refused('The API key is not known, or was deleted. Make another one with POST /v1/api-keys.');
    if (key.expiresAtMs !== null && key.expiresAtMs <= this.nowMs()) {
      return refused('The API key has expired. Make another one with POST /v1/api-keys.');
    }
    this.onUse(key.id, this.nowMs());
    const { id, organization, role, grants } = key;
    return { ok: true, caller: { key: id, organization, role, grants } };
  }

  private async find(hash: string): Promise<KnownApiKey | undefined> {
    for (const directory of this.directories) {
      const key = await directory.find(hash);
      if (key && isSameHash(key.hash, hash)) return key;
    }
    return undefined;
  }
}

function refused(detail: string): Authentication {
  return { ok: false, detail };
}
