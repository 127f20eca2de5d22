import { BrokerError } from '../broker/broker-error.js';
import { type Connection } from './connection.js';
import { type Interruptible } from './network.js';

export interface ExchangeParts<T> {
  readonly serve: () => T | Promise<T>;
  readonly resolve: (answer: T) => void;
  readonly reject: (error: unknown) => void;
  readonly acknowledged: boolean;
}

/** One request and its answer: sent, served, answered; cut short anywhere by an outage. */
export class Exchange<T> implements Interruptible {
  #isOver = false;
  /** The brokers it was sent to are gone; a silent one still gets what a client has given up. */
  #cut = false;

  constructor(
    private readonly connection: Connection,
    private readonly parts: ExchangeParts<T>,
  ) {}

  send(): void {
    const { network } = this.connection;
    if (network.state === 'refusing') {
      this.#end(network.requestMs() + network.answerMs(), () => {
        this.parts.reject(new BrokerError('UNREACHABLE'));
      });
      return;
    }
    network.opened(this);
    network.scheduler.after(this.connection.nextArrival(), () => {
      network.whenUp(() => {
        this.#arrive();
      });
    });
  }

  /** The client learns that there will be no answer. */
  fail(): void {
    if (this.#isOver) return;
    const { network } = this.connection;
    this.#cut = network.state === 'refusing';
    this.#end(network.answerMs(), () => {
      this.parts.reject(new BrokerError('UNREACHABLE'));
    });
  }

  #arrive(): void {
    if (this.#cut || !this.connection.arrives()) return;
    let answer: T | Promise<T>;
    try {
      answer = this.parts.serve();
    } catch (error) {
      this.#answer(() => {
        this.parts.reject(error);
      });
      return;
    }
    const succeed = (value: T) => {
      this.#answer(() => {
        this.parts.resolve(value);
      });
    };
    if (answer instanceof Promise) {
      answer.then(succeed, (error: unknown) => {
        this.#answer(() => {
          this.parts.reject(error);
        });
      });
    } else {
      succeed(answer);
    }
  }

  #answer(settle: () => void): void {
    const { network } = this.connection;
    network.whenUp(() => {
      if (network.answerLoss > 0 && network.random.chance(network.answerLoss)) {
        this.fail();
        return;
      }
      const travelMs = network.answerMs() + (this.parts.acknowledged ? network.ackMs() : 0);
      network.scheduler.after(this.connection.nextAnswer(travelMs), () => {
        network.whenUp(() => {
          this.#end(0, settle);
        });
      });
    });
  }

  #end(delayMs: number, settle: () => void): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const { network, replica } = this.connection;
    network.closed(this);
    const arrive = () => {
      replica.arrive('network', settle);
    };
    if (delayMs > 0) network.scheduler.after(delayMs, arrive);
    else arrive();
  }
}
