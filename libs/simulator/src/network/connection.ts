import { type Replica } from '../replica/replica.js';
import { Exchange } from './exchange.js';
import { type Network } from './network.js';

export interface RequestOptions {
  /** The answer waits for replicas. */
  readonly acknowledged?: boolean;
}

/** What one client of a replica sends to the brokers. Requests arrive in the order they were sent. */
export class Connection {
  #lastArrivalMs = 0;
  #lastAnswerMs = 0;
  #broken = false;

  constructor(
    readonly network: Network,
    readonly replica: Replica,
  ) {}

  /**
   * Has something done at the brokers and brings back what came of it. Rejects with `UNREACHABLE` where the answer is
   * lost, whether it was done or not. Never settles once the replica is dead.
   */
  request<T>(serve: () => T | Promise<T>, options: RequestOptions = {}): Promise<T> {
    return new Promise((resolve, reject) => {
      new Exchange(this, { serve, resolve, reject, acknowledged: options.acknowledged ?? false }).send();
    });
  }

  /** When something sent now gets there, by the scheduler. Milliseconds from now. */
  nextArrival(): number {
    return (this.#lastArrivalMs = this.#inOrder(this.network.requestMs(), this.#lastArrivalMs)) - this.#nowMs;
  }

  nextAnswer(delayMs: number): number {
    return (this.#lastAnswerMs = this.#inOrder(delayMs, this.#lastAnswerMs)) - this.#nowMs;
  }

  /** What a killed process had sent may have left it, or not; after the first that has not, nothing has. */
  arrives(): boolean {
    if (this.replica.state === 'dead') this.#broken ||= this.network.random.chance(0.5);
    return !this.#broken;
  }

  get #nowMs(): number {
    return this.network.scheduler.elapsedMs;
  }

  #inOrder(delayMs: number, lastMs: number): number {
    return Math.max(this.#nowMs + delayMs, lastMs);
  }
}
