import { type Scheduler } from '../clock/scheduler.js';
import { type SeededRandom } from '../clock/seeded-random.js';
import { type Trace } from '../clock/trace.js';
import { type Replica } from '../replica/replica.js';
import { Connection } from './connection.js';

/** From, to. Milliseconds; drawn evenly in between. */
type DelayRange = readonly [number, number];

export interface NetworkOptions {
  /** From client to broker. Default 0.2 to 1. */
  readonly requestMs?: DelayRange;
  /** From broker to client. Default 0.2 to 1. */
  readonly answerMs?: DelayRange;
  /** What replication adds to the answer of a produce. Default 0.2 to 3. */
  readonly ackMs?: DelayRange;
  /** How long a client waits for an answer. Default 15,000. */
  readonly requestTimeoutMs?: number;
}

/** Part of a request's life that an outage can cut short or hold up. */
export interface Interruptible {
  fail(): void;
}

/**
 * - `up`
 * - `refusing`: the brokers are gone, connections break, nothing reaches them
 * - `silent`: everything sent is under way for as long as it lasts, and clients give up waiting meanwhile
 */
export type NetworkState = 'up' | 'refusing' | 'silent';

/** Between replicas and brokers: how long things take, and whether they arrive. */
export class Network {
  #state: NetworkState = 'up';
  #held: (() => void)[] = [];
  readonly #underWay = new Set<Interruptible>();
  readonly #options: Required<NetworkOptions>;
  /** Acks take so many times as long. */
  ackSlowness = 1;
  /** Of all answers to served requests, those lost with their connection. */
  answerLoss = 0;

  constructor(
    readonly scheduler: Scheduler,
    readonly random: SeededRandom,
    private readonly trace: Trace,
    options: NetworkOptions = {},
  ) {
    this.#options = { requestMs: [0.2, 1], answerMs: [0.2, 1], ackMs: [0.2, 3], requestTimeoutMs: 15_000, ...options };
  }

  get state(): NetworkState {
    return this.#state;
  }

  connect(replica: Replica): Connection {
    return new Connection(this, replica);
  }

  /** What was served and not answered has happened all the same. */
  refuse(): void {
    this.#become('refusing');
    for (const exchange of [...this.#underWay]) exchange.fail();
    this.#held = [];
  }

  fallSilent(): void {
    this.#become('silent');
    for (const exchange of this.#underWay) this.#limit(exchange);
  }

  recover(): void {
    this.#become('up');
    for (const goOn of this.#held.splice(0)) this.scheduler.after(0, goOn);
  }

  requestMs(): number {
    return this.random.between(...this.#options.requestMs);
  }

  answerMs(): number {
    return this.random.between(...this.#options.answerMs);
  }

  ackMs(): number {
    return this.random.between(...this.#options.ackMs) * this.ackSlowness;
  }

  /** Goes on with something when the network is up. */
  whenUp(goOn: () => void): void {
    if (this.#state === 'silent') this.#held.push(goOn);
    else goOn();
  }

  opened(exchange: Interruptible): void {
    this.#underWay.add(exchange);
    if (this.#state === 'silent') this.#limit(exchange);
  }

  closed(exchange: Interruptible): void {
    this.#underWay.delete(exchange);
  }

  #become(state: NetworkState): void {
    this.#state = state;
    this.trace.add(`network ${state}`);
  }

  /** Only silence makes anyone wait so long, so that only then a limit is worth an event. */
  #limit(exchange: Interruptible): void {
    this.scheduler.after(this.#options.requestTimeoutMs, () => {
      exchange.fail();
    });
  }
}
