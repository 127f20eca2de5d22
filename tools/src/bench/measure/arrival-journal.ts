import type { EventTag } from './event-tag.js';

/** The arrivals of one phase: as little as a ledger and latencies need, in memory that does not grow. */
export interface PhaseArrivals {
  /** When each event first arrived, by number; NaN for never. Milliseconds. */
  readonly arrivals: Float64Array;
  /** When each last arrived, as `arrivals`. */
  readonly latest: Float64Array;
  /** How often each arrived, at most 255. */
  readonly counts: Uint8Array;
}

export interface PhaseTally {
  readonly received: number;
  readonly distinct: number;
  /** NaN before the first. */
  readonly firstAtMs: number;
  readonly lastAtMs: number;
}

interface Phase extends PhaseArrivals {
  received: number;
  distinct: number;
  firstAtMs: number;
  lastAtMs: number;
}

export class ArrivalJournal {
  private readonly phases = new Map<number, Phase>();
  /** Requests that belong to no open phase: none in a run that is right. */
  strays = 0;

  open(phase: number, events: number): void {
    this.phases.set(phase, {
      arrivals: new Float64Array(events).fill(NaN),
      latest: new Float64Array(events).fill(NaN),
      counts: new Uint8Array(events),
      received: 0,
      distinct: 0,
      firstAtMs: NaN,
      lastAtMs: NaN,
    });
  }

  note(tag: EventTag | undefined, atMs: number): void {
    const phase = tag && this.phases.get(tag.phase);
    const count = phase?.counts[tag?.number ?? -1];
    if (tag === undefined || phase === undefined || count === undefined) {
      this.strays += 1;
      return;
    }
    if (count === 0) {
      phase.arrivals[tag.number] = atMs;
      phase.distinct += 1;
    }
    phase.latest[tag.number] = atMs;
    phase.counts[tag.number] = Math.min(255, count + 1);
    if (phase.received === 0) phase.firstAtMs = atMs;
    phase.received += 1;
    phase.lastAtMs = atMs;
  }

  /** How often this event has arrived. */
  countOf({ phase, number }: EventTag): number {
    return this.phases.get(phase)?.counts[number] ?? 0;
  }

  /** @throws Error for a phase that was never opened */
  tally(phase: number): PhaseTally {
    const { received, distinct, firstAtMs, lastAtMs } = this.phase(phase);
    return { received, distinct, firstAtMs, lastAtMs };
  }

  arrivals(phase: number): PhaseArrivals {
    const { arrivals, latest, counts } = this.phase(phase);
    return { arrivals, latest, counts };
  }

  private phase(number: number): Phase {
    const phase = this.phases.get(number);
    if (phase === undefined) throw new Error(`phase ${number} was never opened`);
    return phase;
  }
}
