import { lookup } from 'node:dns/promises';

export interface ResolvedAddress {
  readonly address: string;
  readonly family: number;
}

/** All addresses of a name, in the order in which they should be tried. Rejects where the name does not resolve. */
export type ResolveHost = (hostname: string) => Promise<readonly ResolvedAddress[]>;

/**
 * Asks the operating system, so the hosts file, search domains and the cluster's DNS count. It runs on libuv's thread
 * pool, of which name lookups take at most half.
 */
export const resolveBySystem: ResolveHost = (hostname) => lookup(hostname, { all: true, order: 'verbatim' });

export interface AnswerCacheOptions {
  /** How long an answer, or a question that is not answered yet, serves others. At most 10,000 ms. */
  readonly ttlMs: number;
  /** How long a failure serves others. */
  readonly failureTtlMs: number;
  /** Names kept; the oldest question goes first. */
  readonly maxNames: number;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

interface CachedAnswer {
  readonly answer: Promise<readonly ResolvedAddress[]>;
  expiresAt: number;
}

/**
 * Keeps answers for a short time and asks once for many that ask together, so that a burst of connections to one name
 * is one lookup. Safe against rebinding because the address that is dialled is checked each time, cached or not.
 */
export function cacheAnswers(resolve: ResolveHost, options: AnswerCacheOptions): ResolveHost {
  const answers = new Map<string, CachedAnswer>();

  const ask = (hostname: string): CachedAnswer => {
    const asked: CachedAnswer = { answer: resolve(hostname), expiresAt: options.now() + options.ttlMs };
    asked.answer.then(
      () => {
        asked.expiresAt = options.now() + options.ttlMs;
      },
      () => {
        asked.expiresAt = options.now() + options.failureTtlMs;
      },
    );
    answers.delete(hostname);
    answers.set(hostname, asked);
    const [oldest] = answers.keys();
    if (oldest !== undefined && answers.size > options.maxNames) answers.delete(oldest);
    return asked;
  };

  return (hostname) => {
    const known = answers.get(hostname);
    return (known !== undefined && known.expiresAt > options.now() ? known : ask(hostname)).answer;
  };
}
