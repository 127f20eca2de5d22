import type { StatsView } from '@hookstream/log-api';

/** Whose deliveries or attempts; left out: everybody's. */
export interface StatsScope {
  readonly organization?: string | undefined;
  readonly subscription?: string | undefined;
}

/** Deliveries by the state they are in now. */
export interface UndeliveredCounts extends Readonly<
  Record<'pending' | 'retrying' | 'exhausted' | 'dead-lettered' | 'cancelled', number>
> {
  /** `false`: there are more than are counted for one answer. */
  readonly complete: boolean;
}

/** What waits for an attempt. */
export interface WaitingDeliveries {
  readonly count: number;
  /** `false`: there are more than are counted for one answer, and what is known of due times is of those. */
  readonly complete: boolean;
  /** When the longest due of them was, or will be, due. Milliseconds since the epoch. */
  readonly oldestDueAtMs: number | null;
}

export interface DeliveryCounter {
  /** Of the deliveries made since a time. */
  undelivered(scope: StatsScope, fromMs: number): Promise<UndeliveredCounts>;
  /** However long ago they were made. */
  waiting(scope: StatsScope): Promise<WaitingDeliveries>;
}

/** @param delivered attempts that succeeded: each of them is the end of a delivery */
export function viewDeliveries(
  delivered: number,
  undelivered: UndeliveredCounts,
  { count, complete, oldestDueAtMs }: WaitingDeliveries,
): Pick<StatsView, 'deliveries' | 'backlog'> {
  const { pending, retrying, exhausted, cancelled } = undelivered;
  return {
    deliveries: {
      ...{ pending, retrying, delivered, exhausted, 'dead-lettered': undelivered['dead-lettered'], cancelled },
      complete: undelivered.complete,
    },
    backlog: {
      ...{ waiting: count, complete },
      oldestDue: oldestDueAtMs === null ? null : new Date(oldestDueAtMs).toISOString(),
    },
  };
}
