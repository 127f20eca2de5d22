import { type Scheduler } from '../../clock/scheduler.js';
import { type SeededRandom } from '../../clock/seeded-random.js';
import { type Replica } from '../../replica/replica.js';
import { type DeliveryLedger } from './delivery-ledger.js';
import { type Work } from './work-record.js';

/** How an endpoint behaves: what it takes to answer, how often it refuses, and when it hangs until the timeout. */
export interface Temper {
  readonly answerMs: readonly [number, number];
  readonly refusal: number;
  readonly hangsFromMs: number;
  readonly hangsToMs: number;
}

const TIMEOUT_MS = 4_000;

export function temperOf(random: SeededRandom, durationMs: number): Temper {
  const slowest = random.pick([5, 50, 500]);
  const hangsFromMs = random.chance(0.3) ? random.between(0, durationMs) : Infinity;
  return {
    answerMs: [1, slowest],
    refusal: random.pick([0, 0, 0.05, 0.5]),
    hangsFromMs,
    hangsToMs: hangsFromMs + random.between(500, durationMs),
  };
}

/** The receivers of all subscriptions. What has reached one has reached it, whatever becomes of the sender. */
export class Endpoints {
  constructor(
    private readonly scheduler: Scheduler,
    private readonly random: SeededRandom,
    private readonly tempers: readonly Temper[],
    private readonly ledger: DeliveryLedger,
  ) {}

  /** Whether it was accepted. Never settles for a sender that dies. */
  request(sender: Replica, work: Work, ownership: string): Promise<boolean> {
    const temper = this.tempers[work.subscription];
    return new Promise((resolve) => {
      const timer = sender.setTimeout(() => {
        resolve(false);
      }, TIMEOUT_MS);
      this.scheduler.after(this.random.between(0.1, 1), () => {
        const nowMs = this.scheduler.elapsedMs;
        const hangs = temper !== undefined && nowMs >= temper.hangsFromMs && nowMs < temper.hangsToMs;
        const accepts = temper !== undefined && !hangs && !this.random.chance(temper.refusal);
        this.ledger.received(work, ownership, accepts);
        if (hangs) return;
        this.scheduler.after(this.random.between(...(temper?.answerMs ?? [1, 5])), () => {
          sender.arrive('network', () => {
            sender.clearTimeout(timer);
            resolve(accepts);
          });
        });
      });
    });
  }
}
