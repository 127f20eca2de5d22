import { isDeepStrictEqual } from 'node:util';
import type { ClientCredentials } from '@hookstream/domain';

/** A token of OAuth 2.0 as its server gave it. */
interface IssuedToken {
  readonly value: string;
  /** How long it is good for, from when it was asked for, in milliseconds. */
  readonly lifetimeMs: number;
}

export type TokenAnswer<Token = IssuedToken> =
  | { readonly ok: true; readonly token: Token }
  /** `message`: for the delivery log, without any secret. */
  | { readonly ok: false; readonly message: string };

/** A client of OAuth 2.0; `secret` is opened only where a token is asked for. */
export interface TokenClient {
  readonly subscription: string;
  readonly settings: ClientCredentials;
  readonly secret: () => string;
}

/** The client's first token, or one instead of a token that ends or was refused. */
type TokenOccasion = 'first' | 'another';

export interface AccessTokensParts {
  /** Asks the token server once. Ends within ten seconds. Rejects for a defect of ours only. */
  readonly ask: (client: TokenClient, occasion: TokenOccasion) => Promise<TokenAnswer>;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** Resolves after so many milliseconds and keeps no process alive. */
  readonly sleep: (milliseconds: number) => Promise<unknown>;
}

interface Held {
  readonly settings: ClientCredentials;
  value: string | undefined;
  askedAtMs: number;
  expiresAtMs: number;
  /** Asked for ahead from here on. */
  renewsAtMs: number;
  failure: { readonly message: string; readonly untilMs: number } | undefined;
  asking: Promise<void> | undefined;
}

const MAX_CLIENTS = 5_000;
const MAX_LIFETIME_MS = 86_400_000;
/** A token that ends within this is asked for again before it does. */
const MAX_MARGIN_MS = 60_000;
/** What a server refused is not asked for again before this. */
const FAILURE_VALID_MS = 5_000;
/** A token that an endpoint refuses is asked for again only where it has been used for a while. */
const FRESH_MS = 10_000;

/**
 * The access tokens of subscriptions, in memory: one request at a time for each, made ahead of the end of the one in use. Bounded
 * by the number of clients; those unused for longest go first.
 */
export class AccessTokens {
  private readonly held = new Map<string, Held>();

  constructor(private readonly parts: AccessTokensParts) {}

  /** A token that is good now. Waits so long at most; a request under way goes on, for the next who asks. */
  async get(client: TokenClient, patienceMs: number): Promise<TokenAnswer<string>> {
    const held = this.heldOf(client);
    const nowMs = this.parts.now();
    if (held.value !== undefined && nowMs < held.expiresAtMs) {
      if (nowMs >= held.renewsAtMs) void this.renew(held, client);
      return { ok: true, token: held.value };
    }
    const overtime = this.parts.sleep(patienceMs).then(() => 'late' as const);
    if ((await Promise.race([this.renew(held, client), overtime])) === 'late') {
      return { ok: false, message: `the token server gave no token within ${patienceMs / 1_000} s` };
    }
    if (held.value === undefined) return { ok: false, message: held.failure?.message ?? 'there is no token' };
    return { ok: true, token: held.value };
  }

  /** An endpoint answered 401 to a token. True where another one is worth asking for. */
  refused({ subscription }: TokenClient, token: string): boolean {
    const held = this.held.get(subscription);
    if (!held) return false;
    // Others have seen to it already.
    if (held.value !== token) return true;
    if (this.parts.now() - held.askedAtMs < FRESH_MS) return false;
    held.value = undefined;
    return true;
  }

  private heldOf({ subscription, settings }: TokenClient): Held {
    const known = this.held.get(subscription);
    this.held.delete(subscription);
    const same = known && (known.settings === settings || isDeepStrictEqual(known.settings, settings));
    const held = same ? known : newlyHeld(settings);
    this.held.set(subscription, held);
    const [oldest] = this.held.keys();
    if (oldest !== undefined && this.held.size > MAX_CLIENTS) this.held.delete(oldest);
    return held;
  }

  /** Never rejects: what is wrong is kept as the reason why there is no token. */
  private renew(held: Held, client: TokenClient): Promise<void> {
    if (held.asking) return held.asking;
    if (held.failure && this.parts.now() < held.failure.untilMs) return Promise.resolve();
    held.asking = this.ask(held, client).finally(() => {
      held.asking = undefined;
    });
    return held.asking;
  }

  private async ask(held: Held, client: TokenClient): Promise<void> {
    const askedAtMs = this.parts.now();
    const occasion = held.expiresAtMs === 0 ? 'first' : 'another';
    const answer = await this.parts.ask(client, occasion).catch((error: unknown) => ({
      ok: false as const,
      message: `no token was asked for: ${error instanceof Error ? error.message : 'not an error'}`,
    }));
    if (!answer.ok) {
      held.failure = { message: answer.message, untilMs: this.parts.now() + FAILURE_VALID_MS };
      return;
    }
    const lifetimeMs = Math.min(answer.token.lifetimeMs, MAX_LIFETIME_MS);
    held.failure = undefined;
    held.value = answer.token.value;
    held.askedAtMs = askedAtMs;
    held.expiresAtMs = askedAtMs + lifetimeMs;
    held.renewsAtMs = held.expiresAtMs - Math.min(MAX_MARGIN_MS, lifetimeMs / 5);
  }
}

function newlyHeld(settings: ClientCredentials): Held {
  return {
    settings,
    value: undefined,
    askedAtMs: 0,
    expiresAtMs: 0,
    renewsAtMs: 0,
    failure: undefined,
    asking: undefined,
  };
}
