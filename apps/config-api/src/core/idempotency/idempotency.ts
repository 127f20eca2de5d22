import { createHash } from 'node:crypto';
import { type ApiKeyId } from '@hookstream/domain';

/** What a caller named its request. Each API key has names of its own. */
export interface RequestName {
  readonly apiKey: ApiKeyId;
  readonly name: string;
}

export interface StoredAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What is known of a named request; `claimed`: nobody sent it before, and it is ours now. */
export type Claim =
  | { readonly kind: 'claimed' }
  | { readonly kind: 'running'; readonly fingerprint: string; readonly claimedAtMs: number }
  | { readonly kind: 'answered'; readonly fingerprint: string; readonly answer: StoredAnswer };

export interface RequestNames {
  claim(request: RequestName, fingerprint: string): Promise<Claim>;
  answer(request: RequestName, answer: StoredAnswer): Promise<void>;
  /** The request had no effect: it may be sent again. */
  release(request: RequestName): Promise<void>;
}

export type Verdict =
  | { readonly kind: 'run' }
  | { readonly kind: 'replay'; readonly answer: StoredAnswer }
  | { readonly kind: 'other-request' }
  | { readonly kind: 'running' }
  /** Its process died; whether it took effect is not known, so it is not done again. */
  | { readonly kind: 'lost' };

/** No request takes longer than that. */
const LONGEST_REQUEST_MS = 120_000;

/** Two requests are the same if everything that decides about their effect is. */
export function fingerprintOf(...parts: readonly (string | Buffer)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:`).update(part);
  return hash.digest('hex');
}

export function judge(claim: Claim, fingerprint: string, nowMs: number): Verdict {
  if (claim.kind === 'claimed') return { kind: 'run' };
  if (claim.fingerprint !== fingerprint) return { kind: 'other-request' };
  if (claim.kind === 'answered') return { kind: 'replay', answer: claim.answer };
  return { kind: nowMs - claim.claimedAtMs > LONGEST_REQUEST_MS ? 'lost' : 'running' };
}

/** Refusals that say nothing of the request itself, and failures of ours: sent again, it may succeed. */
export function isWorthKeeping(status: number): boolean {
  return status < 500 && ![401, 403, 408, 429].includes(status);
}
