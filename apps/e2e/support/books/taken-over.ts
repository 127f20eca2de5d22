import type { Arrival, Books, Fault } from './books.js';

/** Longest that a request can have been under way: the largest timeout, and what it takes to write its report. */
const UNDER_WAY_MS = 35_000;
/** From the signal to its effect. */
const SIGNAL_MS = 100;

/**
 * Of the duplicates, those of requests that were under way when a process was killed or frozen, one for each such
 * fault: their reports were never written, so nobody can know of them.
 */
export function countInFlight({ faults, arrivals }: Books, duplicates: ReadonlyMap<string, number>): number {
  const cuts = faults.filter(({ cutsRequests, what }) => cutsRequests && (what === 'kill' || what === 'freeze'));
  let count = 0;
  for (const [delivery, times] of byDelivery(arrivals)) {
    const cut = cuts.filter(({ atMs }) => wasUnderWay(times, atMs)).length;
    count += Math.min(cut, duplicates.get(delivery) ?? 0);
  }
  return count;
}

/** Deliveries that a process began at its wake although another one had made them while it was frozen. */
export function begunAtWake({ faults, arrivals }: Books): string[] {
  const frozen = faults.filter(({ what }) => what === 'freeze');
  const begun = [...byDelivery(arrivals.filter(({ status }) => status === 200))].filter(([, times]) =>
    frozen.some((fault) => wasMadeTwice(times, fault)),
  );
  return begun.length === 0 ? [] : [`${begun.length} deliveries were made by another one and again at the wake`];
}

function wasUnderWay(times: readonly number[], atMs: number): boolean {
  const cutMs = atMs + SIGNAL_MS;
  return times.some((time) => time >= atMs - UNDER_WAY_MS && time <= cutMs) && times.some((time) => time > cutMs);
}

function wasMadeTwice(times: readonly number[], { atMs, againAtMs = Infinity }: Fault): boolean {
  return times.some((time) => time > atMs + SIGNAL_MS && time < againAtMs) && times.some((time) => time >= againAtMs);
}

function byDelivery(arrivals: readonly Arrival[]): Map<string, number[]> {
  const times = new Map<string, number[]>();
  for (const { delivery, atMs } of arrivals) {
    const known = times.get(delivery);
    if (known) known.push(atMs);
    else times.set(delivery, [atMs]);
  }
  return times;
}
