import type { Arrival, Books, Expectation, Fault, Logged } from './books.js';
import { countInFlight } from './taken-over.js';

/** What a run came to. Everything in it is computed from the run's files alone. */
export interface Ledger {
  readonly events: number;
  /** Events times matching subscriptions. */
  readonly deliveries: number;
  /** Requests that reached a receiver. */
  readonly requests: number;
  /** Distinct attempts that `attempts` tells of. */
  readonly attempts: number;
  /** Requests beyond those attempts, or successes of one delivery beyond the first. */
  readonly duplicates: number;
  /** Of these, those that were under way when a process was killed or frozen. */
  readonly inFlight: number;
  /** Attempts that were reported more than once. */
  readonly repeats: number;
  /** Deliveries that did not come to an end, or whose end nobody saw. */
  readonly missing: number;
  readonly states: Readonly<Record<string, number>>;
  /** By what was taken away: from its new beginning to the last request for what had been in flight, the longest. */
  readonly redeliveryMs: Readonly<Record<string, number>>;
  /** Promises that were broken. */
  readonly problems: readonly string[];
}

/** Requests a dispatcher has under way at most (`HOOKSTREAM_MAX_IN_FLIGHT`). */
const IN_FLIGHT = 512;
const REPEATED_SHARE = 0.001;
const SHOWN = 5;

export function reconcile(books: Books): Ledger {
  const problems: string[] = [];
  const counts = { deliveries: 0, missing: 0 };
  for (const expectation of books.expectations) {
    const account = settleAccount(expectation, books);
    counts.deliveries += account.expected;
    counts.missing += account.missing.length;
    problems.push(...account.problems);
  }
  const attempts = books.reported.flatMap(({ attempt }) => (attempt === undefined ? [] : [attempt]));
  const distinctAttempts = new Set(attempts).size;
  const repeated = duplicatesOf(books);
  const duplicates = [...repeated.values()].reduce((sum, count) => sum + count, 0);
  const repeats = attempts.length - distinctAttempts;
  problems.push(...boundProblems(books.faults, { deliveries: counts.deliveries, duplicates, repeats }));
  problems.push(...silenceProblems(books));
  return {
    events: books.produced.length,
    ...counts,
    requests: books.arrivals.length,
    attempts: distinctAttempts,
    duplicates,
    inFlight: countInFlight(books, repeated),
    repeats,
    states: countBy(books.logged, ({ state }) => state),
    redeliveryMs: longestRedelivery(books),
    problems,
  };
}

function settleAccount(expectation: Expectation, books: Books) {
  const { subscription, receiver, ends } = expectation;
  const problems: string[] = [];
  const say = (what: string, which: readonly number[]) => {
    const more = which.length > SHOWN ? ` and ${which.length - SHOWN} more` : '';
    if (which.length > 0) problems.push(`${receiver}: ${what}: ${which.slice(0, SHOWN).join(', ')}${more}`);
  };
  const expected = expectedOf(expectation, books);
  const logged = new Map<number, Logged[]>();
  for (const entry of books.logged) {
    if (entry.subscription === subscription) logged.set(entry.n, [...(logged.get(entry.n) ?? []), entry]);
  }
  const accepted = new Set<number>();
  for (const arrival of books.arrivals)
    if (arrival.receiver === receiver && isSuccess(arrival)) accepted.add(arrival.n);

  const isIn = (states: readonly string[]) => (n: number) => logged.get(n)?.some(({ state }) => states.includes(state));
  const unlogged = [...expected].filter((n) => !logged.has(n));
  const open = [...expected].filter(isIn(['pending', 'retrying']));
  const unseen = [...expected].filter((n) => isIn(['delivered'])(n) === true && !accepted.has(n));
  say('not in the log', unlogged);
  say('never ended', open);
  say('delivered, says the log, but nobody received it', unseen);
  say(
    'ended otherwise than it could',
    [...expected].filter((n) => logged.has(n) && !open.includes(n) && isIn(ends)(n) !== true),
  );
  say(
    'in the log twice',
    [...logged].flatMap(([n, entries]) => (entries.length > 1 ? [n] : [])),
  );
  say(
    'in the log although it does not match',
    [...logged.keys()].filter((n) => !expected.has(n)),
  );
  return { expected: expected.size, missing: [...unlogged, ...open, ...unseen], problems };
}

function expectedOf({ every, subscription }: Expectation, { produced, routed }: Books): Set<number> {
  if (every !== 'routed') return new Set(produced.map(({ n }) => n).filter((n) => n % every === 0));
  return new Set(routed.filter((match) => match.subscription === subscription).map(({ n }) => n));
}

/** By delivery. */
function duplicatesOf({ arrivals, reported }: Books): Map<string, number> {
  const attempts = new Map<string, Set<string>>();
  for (const { delivery, attempt } of reported) {
    if (attempt !== undefined) attempts.set(delivery, (attempts.get(delivery) ?? new Set()).add(attempt));
  }
  const requests = countBy(arrivals, ({ delivery }) => delivery);
  const successes = countBy(arrivals.filter(isSuccess), ({ delivery }) => delivery);
  return new Map(
    Object.entries(requests).map(([delivery, count]) => {
      const unexplained = count - (attempts.get(delivery)?.size ?? 0);
      return [delivery, Math.max(0, unexplained, (successes[delivery] ?? 0) - 1)];
    }),
  );
}

/** No fault that cuts requests off: none. Otherwise what was in flight, and hardly anything that was reported already. */
function boundProblems(
  faults: readonly Fault[],
  { deliveries, duplicates, repeats }: Pick<Ledger, 'deliveries' | 'duplicates' | 'repeats'>,
): string[] {
  const cuts = faults.filter(({ cutsRequests }) => cutsRequests).length;
  // A process that was frozen reports late what somebody else has done meanwhile.
  const frozen = faults.filter(({ what }) => what === 'freeze').length;
  const problems: string[] = [];
  if (duplicates > cuts * IN_FLIGHT) problems.push(`${duplicates} duplicates, ${cuts} faults that cut requests off`);
  if (repeats > (cuts > 0 ? REPEATED_SHARE * deliveries : 0) + frozen * IN_FLIGHT)
    problems.push(`${repeats} attempts were made again although they had been reported`);
  return problems;
}

function silenceProblems({ silences, reported }: Books): string[] {
  return silences.flatMap(({ subscription, fromMs, untilMs = Infinity }) => {
    const broken = reported.filter(
      (report) =>
        report.subscription === subscription &&
        report.attempt !== undefined &&
        report.atMs >= fromMs &&
        report.atMs < untilMs,
    );
    const latest = Math.max(...broken.map(({ atMs }) => atMs - fromMs));
    return broken.length === 0
      ? []
      : [`${broken.length} attempts began for ${subscription} up to ${latest} ms after it had to be silent`];
  });
}

/** A delivery that was refused after the fault is late by its own schedule: it counts until it was tried again. */
function longestRedelivery({ faults, produced, arrivals, expectations }: Books): Record<string, number> {
  const prompt = new Set(expectations.filter((each) => each.prompt).map(({ receiver }) => receiver));
  const producedAtMs = new Map(produced.map(({ n, atMs }) => [n, atMs]));
  const longest: Record<string, number> = {};
  for (const { what, service, atMs, againAtMs } of faults) {
    if (againAtMs === undefined) continue;
    const settled = new Set<string>();
    let last = againAtMs;
    for (const arrival of arrivals) {
      const isInFlight = (producedAtMs.get(arrival.n) ?? Infinity) <= atMs && !settled.has(arrival.delivery);
      if (!prompt.has(arrival.receiver) || !isInFlight) continue;
      if (arrival.atMs > atMs) last = Math.max(last, arrival.atMs);
      if (arrival.atMs > atMs || isSuccess(arrival)) settled.add(arrival.delivery);
    }
    const name = `${what} ${service}`;
    longest[name] = Math.max(longest[name] ?? 0, last - againAtMs);
  }
  return longest;
}

function isSuccess({ status }: Arrival): boolean {
  return status >= 200 && status < 300;
}

function countBy<T>(items: readonly T[], keyOf: (item: T) => string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const item of items) counts[keyOf(item)] = (counts[keyOf(item)] ?? 0) + 1;
  return counts;
}
