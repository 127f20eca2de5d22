import { isTerminal, type DeliveryId } from '@hookstream/domain';
import { countRows, type DeliveryRow } from './log-rows.js';
import { RecentMap } from '../recent-map.js';
import type { LogUnit } from './log-unit.js';
import { compareStandings, ROUTED } from './standing.js';

export interface PendingHoldOptions {
  /** At rest; see `TIMES_AT_MOST`. */
  readonly holdMs: number;
  /** Deliveries held at most; what would be above it is let through at once. */
  readonly maxHeld: number;
  /** Milliseconds since the epoch. */
  readonly nowMs?: () => number;
}

const REMEMBERED_MS = 60_000;
/** While a backlog is worked off, deliveries reach their end late: so many times longer is waited for them then. */
const TIMES_AT_MOST = 5;
/** Of what an end took lately: later ones of a backlog take longer. */
const TIMES_LATELY = 2;
/** Weight of one end among those before. */
const SHARE_OF_ONE = 1 / 64;

interface HeldUnits {
  /** Deliveries that must still be stored, and when each was created. */
  readonly open: Map<DeliveryId, number>;
  readonly release: () => void;
}

/**
 * Lets deliveries that were just routed wait for their end. One that is written as pending and then as finished costs the
 * database twice, with an entry in each of its indexes both times. What is stored as finished meanwhile says all that its
 * pending row would, so that row is left out.
 *
 * Nothing is lost by waiting: whoever waits here commits no offset, and a row is only left out for one that is stored.
 */
export class PendingHold {
  private readonly holders = new Map<DeliveryId, HeldUnits>();
  /** Creation times of what was stored lately: an end may be read before what was routed. */
  private readonly recent: RecentMap<DeliveryId, number>;
  private readonly nowMs: () => number;
  /** What it took lately from a delivery's routing until its end at the first attempt was stored. */
  private lately = { ms: 0, atMs: 0 };

  constructor(private readonly options: PendingHoldOptions) {
    this.nowMs = options.nowMs ?? Date.now;
    this.recent = new RecentMap({ maxEntries: options.maxHeld, maxAgeMs: REMEMBERED_MS });
  }

  /** Resolves with what must be stored of the units: at once when nothing is open any more, else when their time is up. */
  wait(units: readonly LogUnit[]): Promise<readonly LogUnit[]> {
    const { maxHeld } = this.options;
    const open = this.openIn(units);
    if (open.size === 0 || this.holders.size + open.size > maxHeld) return Promise.resolve(restOf(units, open));
    return new Promise((resolve) => {
      let timer: NodeJS.Timeout;
      const release = () => {
        clearTimeout(timer);
        for (const id of open.keys()) if (this.holders.get(id) === held) this.holders.delete(id);
        resolve(restOf(units, open));
      };
      const held: HeldUnits = { open, release };
      const waitOn = (waitedMs: number) => {
        const restMs = this.holdMs() - waitedMs;
        if (restMs <= 0) return release();
        timer = setTimeout(() => waitOn(waitedMs + restMs), restMs);
      };
      for (const id of open.keys()) this.holders.set(id, held);
      waitOn(0);
    });
  }

  /** To be told of every delivery that is stored for good. */
  stored({ id, createdAtMs, attempts, standing }: DeliveryRow): void {
    if (compareStandings(standing, ROUTED) < 0) return;
    if (attempts === 1 && isTerminal(standing.state)) this.ended(createdAtMs);
    this.recent.set(id, createdAtMs);
    const held = this.holders.get(id);
    if (held === undefined || !covers(createdAtMs, held.open.get(id))) return;
    this.holders.delete(id);
    held.open.delete(id);
    if (held.open.size === 0) held.release();
  }

  private ended(createdAtMs: number): void {
    const atMs = this.nowMs();
    const tookMs = Math.max(0, Math.min(atMs - createdAtMs, TIMES_AT_MOST * this.options.holdMs));
    this.lately = { ms: this.lately.ms + SHARE_OF_ONE * (tookMs - this.lately.ms), atMs };
  }

  private holdMs(): number {
    const { holdMs } = this.options;
    if (this.nowMs() - this.lately.atMs > holdMs) this.lately.ms = 0;
    return Math.min(TIMES_AT_MOST * holdMs, Math.max(holdMs, TIMES_LATELY * this.lately.ms));
  }

  private openIn(units: readonly LogUnit[]): Map<DeliveryId, number> {
    const open = new Map<DeliveryId, number>();
    this.recent.forgetOld();
    for (const { rows } of units) {
      for (const { id, createdAtMs } of rows.deliveries) {
        const storedAtMs = this.recent.get(id);
        const earliestMs = Math.min(createdAtMs, open.get(id) ?? Infinity);
        if (storedAtMs === undefined || !covers(storedAtMs, createdAtMs)) open.set(id, earliestMs);
      }
    }
    return open;
  }
}

/** The stored row says no less than one that was created then: the earlier creation is what the log keeps. */
function covers(storedCreatedAtMs: number, createdAtMs: number | undefined): boolean {
  return createdAtMs === undefined || storedCreatedAtMs <= createdAtMs;
}

function restOf(units: readonly LogUnit[], open: ReadonlyMap<DeliveryId, number>): LogUnit[] {
  return units
    .map(({ record, rows }) => ({
      record,
      rows: { ...rows, deliveries: rows.deliveries.filter(({ id }) => open.has(id)) },
    }))
    .filter(({ rows }) => countRows(rows) > 0);
}
