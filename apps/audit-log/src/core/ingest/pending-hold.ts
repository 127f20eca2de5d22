import type { DeliveryId } from '@hookstream/domain';
import { countRows, type DeliveryRow } from './log-rows.js';
import { RecentMap } from '../recent-map.js';
import type { LogUnit } from './log-unit.js';
import { compareStandings, ROUTED } from './standing.js';

export interface PendingHoldOptions {
  readonly holdMs: number;
  /** Deliveries held at most; what would be above it is let through at once. */
  readonly maxHeld: number;
}

const REMEMBERED_MS = 60_000;

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

  constructor(private readonly options: PendingHoldOptions) {
    this.recent = new RecentMap({ maxEntries: options.maxHeld, maxAgeMs: REMEMBERED_MS });
  }

  /** Resolves with what must be stored of the units: at once when nothing is open any more, else when their time is up. */
  wait(units: readonly LogUnit[]): Promise<readonly LogUnit[]> {
    const { holdMs, maxHeld } = this.options;
    const open = this.openIn(units);
    if (open.size === 0 || this.holders.size + open.size > maxHeld) return Promise.resolve(restOf(units, open));
    return new Promise((resolve) => {
      const release = () => {
        clearTimeout(timer);
        for (const id of open.keys()) if (this.holders.get(id) === held) this.holders.delete(id);
        resolve(restOf(units, open));
      };
      const held: HeldUnits = { open, release };
      const timer = setTimeout(release, holdMs);
      for (const id of open.keys()) this.holders.set(id, held);
    });
  }

  /** To be told of every delivery that is stored for good. */
  stored({ id, createdAtMs, standing }: DeliveryRow): void {
    if (compareStandings(standing, ROUTED) < 0) return;
    this.recent.set(id, createdAtMs);
    const held = this.holders.get(id);
    if (held === undefined || !covers(createdAtMs, held.open.get(id))) return;
    this.holders.delete(id);
    held.open.delete(id);
    if (held.open.size === 0) held.release();
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
