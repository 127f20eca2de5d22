import { createHash } from 'node:crypto';
import type { ApiKeyDocument, DeletedDocument } from '@hookstream/contracts';
import type { Caller } from './caller.js';

export type Admission =
  | { readonly kind: 'admitted'; readonly caller: Caller }
  | { readonly kind: 'unauthorized' | 'forbidden'; readonly detail: string };

const BEARER = /^Bearer +(\S+) *$/i;
const HINT = 'Send "Authorization: Bearer hsk_…".';

/** The API keys in force, by their hash: the log trusts nobody else's word for who asks. */
export class KeyRing {
  private readonly byHash = new Map<string, ApiKeyDocument>();
  private readonly hashById = new Map<string, string>();

  onApiKey(document: ApiKeyDocument): void {
    this.onForgotten(document.id);
    this.byHash.set(document.hash, document);
    this.hashById.set(document.id, document.hash);
  }

  onDeleted({ id }: Pick<DeletedDocument, 'id'>): void {
    this.onForgotten(id);
  }

  onForgotten(id: string): void {
    const hash = this.hashById.get(id);
    if (hash === undefined) return;
    this.hashById.delete(id);
    this.byHash.delete(hash);
  }

  /** @param authorization the header's value */
  admit(authorization: string | undefined, nowMs: number): Admission {
    if (authorization === undefined) return { kind: 'unauthorized', detail: `No API key was sent. ${HINT}` };
    const [, token] = BEARER.exec(authorization) ?? [];
    if (token === undefined) {
      return { kind: 'unauthorized', detail: `The Authorization header is not of the form "Bearer <key>". ${HINT}` };
    }
    // Found by its hash: how long a wrong key takes to miss tells nothing of the right ones.
    const key = this.byHash.get(createHash('sha256').update(token).digest('hex'));
    if (!key) {
      return { kind: 'unauthorized', detail: 'The API key is not known here. A new key is known within seconds.' };
    }
    if (key.expiresAtMs !== null && key.expiresAtMs <= nowMs) {
      return { kind: 'unauthorized', detail: 'The API key has expired.' };
    }
    if (key.role === 'producer') {
      return { kind: 'forbidden', detail: 'A key with the role "producer" may send events and read nothing.' };
    }
    return { kind: 'admitted', caller: { organization: key.organization, mayReplay: mayReplay(key) } };
  }
}

function mayReplay({ role, grants }: ApiKeyDocument): boolean {
  return role === 'admin' || (role === 'editor' && grants.includes('edit'));
}
