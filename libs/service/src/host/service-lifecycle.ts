import { setTimeout as pause } from 'node:timers/promises';
import { messageOf } from '../failure.js';
import { type ServiceLogger } from '../logging/service-logger.js';
import { type ReadinessCheck, type ReadinessRegistry } from '../readiness/readiness-registry.js';
import { type Lifecycle } from './lifecycle.js';

interface Step {
  readonly name: string;
  readonly run: () => Promise<void> | void;
}

const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 5_000;

/** Holds what the parts of a service registered and runs it in order. */
export class ServiceLifecycle implements Lifecycle {
  readonly #starts: Step[] = [];
  readonly #drains: Step[] = [];
  readonly #closes: Step[] = [];
  readonly #stopping = new AbortController();

  constructor(
    private readonly logger: ServiceLogger,
    private readonly readiness: ReadinessRegistry,
  ) {
    readiness.register('running', () => !this.#stopping.signal.aborted || 'the service is stopping');
  }

  onStart(name: string, start: () => Promise<void> | void, check?: ReadinessCheck): void {
    let started: boolean | string = false;
    this.readiness.register(name, () => {
      if (typeof started === 'string') return started;
      return check ? check() : started || 'is starting';
    });
    this.#starts.push({
      name,
      run: async () => {
        try {
          await start();
          started = true;
        } catch (error) {
          started = messageOf(error);
          throw error;
        }
      },
    });
  }

  onDrain(name: string, drain: () => Promise<void> | void): void {
    this.#drains.push({ name, run: drain });
  }

  onClose(name: string, close: () => Promise<void> | void): void {
    this.#closes.unshift({ name, run: close });
  }

  /** Resolves with whether all have started; `false`: the service was stopped before. */
  async start(): Promise<boolean> {
    await Promise.all(this.#starts.map((step) => this.#untilItWorks(step)));
    return !this.#stopping.signal.aborted;
  }

  /** From now on the service is not ready, and starts are not repeated. */
  beginStop(): void {
    this.#stopping.abort();
  }

  /** Returns what went wrong; the other steps ran all the same. */
  async drain(): Promise<readonly Error[]> {
    return this.#runAll(this.#drains);
  }

  async close(): Promise<readonly Error[]> {
    return this.#runAll(this.#closes);
  }

  async #runAll(steps: readonly Step[]): Promise<readonly Error[]> {
    const failures: Error[] = [];
    for (const { name, run } of steps) {
      try {
        await run();
      } catch (error) {
        failures.push(new Error(`${name} did not stop cleanly`, { cause: error }));
      }
    }
    return failures;
  }

  async #untilItWorks({ name, run }: Step): Promise<void> {
    const { signal } = this.#stopping;
    for (let delayMs = FIRST_RETRY_MS; !signal.aborted; delayMs = Math.min(delayMs * 2, LAST_RETRY_MS)) {
      try {
        return await run();
      } catch (error) {
        if (!signal.aborted) this.logger.debug('start is tried again', { part: name, error, retryInMs: delayMs });
      }
      // Only a stop aborts the pause, and the loop's condition sees it.
      await pause(delayMs, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }
}
