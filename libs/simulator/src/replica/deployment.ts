import { type RecordLog } from '@hookstream/kafka';
import { type Simulation } from '../simulation.js';
import { type Replica } from './replica.js';

/** What a process does from its start; rejects for a defect. What is to be drained on SIGTERM goes to `replica.onTerminate`. */
export type Program = (replica: Replica, log: RecordLog) => Promise<void>;

/** One process that is started again whenever it ends, each time as a new replica. */
export class Deployment {
  #replica: Replica | undefined;
  #starts = 0;

  constructor(
    private readonly simulation: Simulation,
    readonly name: string,
    private readonly program: Program,
  ) {}

  /** The present one, or the last. */
  get replica(): Replica | undefined {
    return this.#replica;
  }

  get starts(): number {
    return this.#starts;
  }

  get isAlive(): boolean {
    return this.#replica !== undefined && this.#replica.state !== 'dead';
  }

  /** Does nothing while one is alive. */
  start(): void {
    if (this.isAlive) return;
    this.#starts += 1;
    const replica = this.simulation.replica(`${this.name}.${this.#starts}`);
    this.#replica = replica;
    this.simulation.trace.add(`start ${replica.name}`);
    this.program(replica, this.simulation.log(replica)).catch((error: unknown) => {
      if (replica.state !== 'dead') this.simulation.reportDefect(error);
    });
  }

  /** SIGKILL, and the next one after a time. */
  kill(restartAfterMs: number): void {
    this.#trace('kill');
    this.#replica?.kill();
    this.#startAfter(restartAfterMs);
  }

  /** SIGTERM: drains, ends, and the next one after a time. A frozen one would not hear of it. */
  terminate(restartAfterMs: number): void {
    if (this.#replica?.state !== 'running') return;
    this.#trace('terminate');
    this.#replica.terminate().then(
      () => {
        this.#startAfter(restartAfterMs);
      },
      (error: unknown) => {
        this.simulation.reportDefect(error);
      },
    );
  }

  /** SIGSTOP, and SIGCONT after a time. */
  freeze(durationMs: number): void {
    const replica = this.#replica;
    this.#trace('freeze');
    replica?.freeze();
    this.simulation.scheduler.after(durationMs, () => {
      replica?.thaw();
    });
  }

  #startAfter(delayMs: number): void {
    this.simulation.scheduler.after(delayMs, () => {
      this.start();
    });
  }

  #trace(what: string): void {
    this.simulation.trace.add(`${what} ${this.#replica?.name ?? this.name}`);
  }
}
