import type { AttemptReport, Delivery, DeliveryReason } from '@hookstream/contracts';

/** Told what happens, for metrics and logs. */
export interface DispatchObserver {
  attempted(report: AttemptReport): void;
  /** Dropped at its start: another record of the same attempt was first. */
  repeated(): void;
  /** Not attempted now; it comes again. */
  postponed(reason: DeliveryReason): void;
  /** What a request is to be made of could not be had; `postponed` is told as well. */
  notYet(delivery: Delivery, detail: string): void;
  /** A run ended without a request. */
  ended(state: string, reason: string): void;
  deadLettered(
    at: { readonly topic: string; readonly partition: number; readonly offset: number },
    reason: string,
    detail: string,
  ): void;
  /** Nothing starts any more, because too many records would become dead letters; `undefined`: it goes on. */
  holdingBack(why: string | undefined): void;
  /** A broken invariant of ours; the record is dead-lettered, or waits while there are too many. */
  defect(error: unknown): void;
  /** An effect could not be written and is tried again. */
  effectDelayed(error: unknown): void;
}
