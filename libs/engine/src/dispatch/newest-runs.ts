import type { Delivery } from '@hookstream/contracts';
import type { DeliveryId } from '@hookstream/domain';

type Run = Pick<Delivery, 'run' | 'runStartedAtMs'>;

/** Replays are asked for by people: more than these at once, and the oldest are forgotten. Some 200 bytes each. */
const CAPACITY = 50_000;

/**
 * The newest run of each delivery that was replayed while an older one may still wait in a delay topic. A run that is
 * forgotten (a restart without its reports, too many replays) goes on beside the newer one to an end of its own.
 */
export class NewestRuns {
  private readonly newest = new Map<DeliveryId, Run>();

  constructor(private readonly capacity: number = CAPACITY) {}

  /** A run of a delivery came up. The first run is never newer than another, and costs nothing. */
  note(delivery: DeliveryId, { run, runStartedAtMs }: Run): void {
    if (run === '0' || this.supersedes(delivery, { run, runStartedAtMs })) return;
    this.newest.delete(delivery);
    this.newest.set(delivery, { run, runStartedAtMs });
    if (this.newest.size <= this.capacity) return;
    for (const [oldest] of this.newest) {
      this.newest.delete(oldest);
      return;
    }
  }

  /** Whether a newer run than this one is known. Two that began together are told apart by their ids. */
  supersedes(delivery: DeliveryId, { run, runStartedAtMs }: Run): boolean {
    const newest = this.newest.get(delivery);
    if (newest === undefined || newest.run === run) return false;
    if (run === '0' || newest.runStartedAtMs > runStartedAtMs) return true;
    return newest.runStartedAtMs === runStartedAtMs && newest.run > run;
  }
}
