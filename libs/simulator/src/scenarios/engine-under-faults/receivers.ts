import { type Delivery } from '@hookstream/contracts';
import { type AttemptOutcome, type AttemptWithheld } from '@hookstream/engine';
import { type Scheduler } from '../../clock/scheduler.js';
import { type SeededRandom } from '../../clock/seeded-random.js';
import { type Replica } from '../../replica/replica.js';
import { type DeliveryLedger } from './delivery-ledger.js';
import { TIMEOUT_MS } from './subscriptions.js';

type MillisecondRange = readonly [number, number];

/** How a receiver behaves: what it takes to answer, how often it says no, and when it does not answer at all. */
export interface Temper {
  readonly answerMs: MillisecondRange;
  readonly refusal: number;
  /** From here on it says yes to everything. */
  readonly healthyFromMs: number;
  /** Asks to be left alone with its refusals. */
  readonly asksForTime: boolean;
  readonly sick: 'hangs' | 'refuses' | 'flaps';
  readonly sickFromMs: number;
  readonly sickToMs: number;
}

export interface Sending {
  /** Which stay of which replica with the partition sends it. */
  readonly stay: string;
  /** Asked when there is a connection. */
  readonly begins: () => boolean;
}

/** A connection that is kept, one that has to be made, and a name server that takes its time. */
const CONNECT_MS: readonly [MillisecondRange, ...MillisecondRange[]] = [
  [0, 1],
  [0, 1],
  [1, 30],
  [30, 1_500],
];
const FLAP_MS = 1_500;

export function temperOf(random: SeededRandom, durationMs: number): Temper {
  const slowest = random.pick([5, 50, 500]);
  const sickFromMs = random.chance(0.4) ? random.between(0, durationMs) : Infinity;
  return {
    answerMs: [1, slowest],
    refusal: random.pick([0, 0, 0.05, 0.5]),
    healthyFromMs: durationMs,
    asksForTime: random.chance(0.2),
    sick: random.pick(['hangs', 'refuses', 'flaps']),
    sickFromMs,
    sickToMs: sickFromMs + random.between(500, durationMs),
  };
}

const REFUSED: AttemptOutcome = { kind: 'failure', class: 'connect', message: 'refused', durationMs: 1 };
const TIMED_OUT: AttemptOutcome = { kind: 'failure', class: 'timeout', message: 'no answer', durationMs: TIMEOUT_MS };

/** The receivers of all subscriptions. What has reached one has reached it, whatever becomes of the sender. */
export class Receivers {
  constructor(
    private readonly scheduler: Scheduler,
    private readonly random: SeededRandom,
    private readonly tempers: ReadonlyMap<string, Temper>,
    private readonly ledger: DeliveryLedger,
  ) {}

  /** Never settles for a sender that dies. */
  async request(
    sender: Replica,
    deliveries: readonly [Delivery, ...Delivery[]],
    { stay, begins }: Sending,
  ): Promise<AttemptOutcome | AttemptWithheld> {
    await sender.sleep(this.random.between(...this.random.pick(CONNECT_MS)));
    return begins() ? await this.#exchange(sender, deliveries, stay) : { kind: 'withheld' };
  }

  #exchange(sender: Replica, deliveries: readonly [Delivery, ...Delivery[]], stay: string): Promise<AttemptOutcome> {
    const temper = this.tempers.get(deliveries[0].subscription);
    return new Promise((resolve) => {
      const timer = sender.setTimeout(() => resolve(TIMED_OUT), TIMEOUT_MS);
      const answer = (outcome: AttemptOutcome, afterMs: number) => {
        this.scheduler.after(afterMs, () => {
          sender.arrive('network', () => {
            sender.clearTimeout(timer);
            resolve(outcome);
          });
        });
      };
      this.scheduler.after(this.random.between(0.1, 1), () => {
        const sickness = temper && this.#sickness(temper);
        const accepts = temper !== undefined && sickness === undefined && !this.random.chance(this.#refusal(temper));
        for (const delivery of deliveries) this.ledger.attempted(delivery, stay, accepts);
        if (sickness === 'hangs') return;
        if (sickness === 'refuses') {
          answer(REFUSED, 0.5);
          return;
        }
        const answerMs = this.random.between(...(temper?.answerMs ?? [1, 5]));
        answer(accepts ? response(200, answerMs) : response(503, answerMs, temper?.asksForTime === true), answerMs);
      });
    });
  }

  #refusal({ refusal, healthyFromMs }: Temper): number {
    return this.scheduler.elapsedMs < healthyFromMs ? refusal : 0;
  }

  #sickness({ sick, sickFromMs, sickToMs }: Temper): 'hangs' | 'refuses' | undefined {
    const nowMs = this.scheduler.elapsedMs;
    if (nowMs < sickFromMs || nowMs >= sickToMs) return undefined;
    if (sick !== 'flaps') return sick;
    return Math.floor(nowMs / FLAP_MS) % 2 === 0 ? 'refuses' : undefined;
  }
}

function response(status: number, durationMs: number, asksForTime = false): AttemptOutcome {
  const headers = asksForTime ? { 'retry-after': '1' } : {};
  return { kind: 'response', status, headers, body: Buffer.alloc(0), bodyTruncated: false, durationMs };
}
