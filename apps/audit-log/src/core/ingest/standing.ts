import { isTerminal, stateRank, type DeliveryState } from '@hookstream/domain';

/** Where a delivery stands. Of two standings the later one holds, whichever is heard of first. */
export interface Standing {
  readonly run: string;
  /** Newer runs win. 0 for the first run, which an event that is produced again never leaves; else when the run began. */
  readonly runOrder: number;
  readonly state: DeliveryState;
  /**
   * Decides within a state: the attempt's number while it is retried; minus the end's time once it has ended, so that
   * the first end stays.
   */
  readonly order: number;
  readonly reason?: string;
  /** Milliseconds since the epoch. */
  readonly nextAttemptAtMs?: number;
}

const FIRST_RUN = '0';

/** A delivery that was routed and not heard of again: the lowest of its first run. */
export const ROUTED: Standing = { run: FIRST_RUN, runOrder: 0, state: 'pending', order: 0 };

export function runOrderOf(run: string, startedAtMs: number): number {
  return run === FIRST_RUN ? 0 : startedAtMs;
}

/** When the run ended; `undefined` while it goes on. */
export function completedAtMs({ state, order }: Pick<Standing, 'state' | 'order'>): number | undefined {
  return isTerminal(state) ? -order : undefined;
}

/**
 * A total order over all that a standing says, so that merging is commutative, associative and idempotent: the log ends
 * the same however its reports are ordered, repeated and grouped. `postgres-delivery-rows.ts` says the same in SQL.
 */
export function compareStandings(a: Standing, b: Standing): number {
  return (
    a.runOrder - b.runOrder ||
    compareText(a.run, b.run) ||
    stateRank(a.state) - stateRank(b.state) ||
    a.order - b.order ||
    (a.nextAttemptAtMs ?? -Infinity) - (b.nextAttemptAtMs ?? -Infinity) ||
    compareText(a.state, b.state) ||
    compareText(a.reason ?? '', b.reason ?? '')
  );
}

/** What each of several runs came to, by their ids. */
export function newestOfEachRun(standings: readonly Standing[]): Standing[] {
  const byRun = new Map<string, Standing>();
  for (const standing of standings) {
    const known = byRun.get(standing.run);
    if (!known || compareStandings(standing, known) > 0) byRun.set(standing.run, standing);
  }
  return [...byRun.values()].sort((a, b) => compareText(a.run, b.run));
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
