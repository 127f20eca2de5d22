import { type Delivery } from '@hookstream/contracts';
import { type AttemptOutcome } from '@hookstream/engine';
import { type Scheduler } from '../../clock/scheduler.js';
import { type SeededRandom } from '../../clock/seeded-random.js';
import { type Health } from './population.js';

const TIMEOUT_MS = 15_000;
const FLAP_MS = 10_000;

/** Every endpoint, by its health. Those that are healthy take 5 to 50 ms. */
export class ScaleReceivers {
  attempts = 0;
  /** Of them, those to endpoints that were down. */
  wasted = 0;
  delivered = 0;
  /** From the event to the answer, of first attempts to healthy endpoints. Milliseconds. */
  readonly latenciesMs: number[] = [];

  /**
   * @param healths by subscription
   * @param watched whose latencies count, by subscription
   */
  constructor(
    private readonly scheduler: Scheduler,
    private readonly random: SeededRandom,
    private readonly healths: readonly Health[],
    private readonly watched: readonly boolean[],
  ) {}

  request({ subscription, attempt, runStartedAtMs }: Delivery): Promise<AttemptOutcome> {
    const index = Number(subscription.slice('sub_'.length));
    const health = this.healths[index] ?? 'healthy';
    this.attempts += 1;
    return new Promise((resolve) => {
      const answer = (afterMs: number, outcome: AttemptOutcome) => {
        this.scheduler.after(afterMs, () => {
          const isWatched = this.watched[index] === true && attempt === 1;
          if (isWatched) this.latenciesMs.push(this.scheduler.nowMs - runStartedAtMs);
          resolve(outcome);
        });
      };
      const succeed = (afterMs: number) => {
        this.delivered += 1;
        answer(afterMs, response(afterMs));
      };
      switch (health) {
        case 'healthy':
          return succeed(this.random.between(5, 50));
        case 'slow':
          return succeed(this.random.between(2_000, 5_000));
        case 'hanging':
          this.wasted += 1;
          return answer(TIMEOUT_MS, failure('timeout', TIMEOUT_MS));
        case 'refusing':
          this.wasted += 1;
          return answer(1, failure('connect', 1));
        case 'flapping':
          if (Math.floor(this.scheduler.elapsedMs / FLAP_MS) % 2 === 0) return succeed(this.random.between(5, 50));
          this.wasted += 1;
          return answer(1, failure('connect', 1));
      }
    });
  }
}

function response(durationMs: number): AttemptOutcome {
  return { kind: 'response', status: 200, headers: {}, body: Buffer.alloc(0), bodyTruncated: false, durationMs };
}

function failure(kind: string, durationMs: number): AttemptOutcome {
  return { kind: 'failure', class: kind, message: kind, durationMs };
}
