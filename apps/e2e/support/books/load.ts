import { setTimeout as pause } from 'node:timers/promises';
import type { World } from '../world.js';
import type { BookKeeper } from './books.js';

export interface LoadOptions {
  readonly perSecond: number;
  /** It goes on until there are so many, and until `stop` was called. */
  readonly atLeast: number;
}

const BEAT_MS = 50;
const KEYS = 50;

/** A producer that keeps its pace whatever becomes of the services, and writes down what Kafka has acknowledged. */
export class Load {
  private sent = 0;
  private stopped = false;
  private held = false;
  private running: Promise<void> | undefined;

  constructor(
    private readonly world: World,
    private readonly books: BookKeeper,
    private readonly options: LoadOptions,
  ) {}

  /** Events so far; the next has this number. */
  get count(): number {
    return this.sent;
  }

  begin(): void {
    this.running = this.run();
    // Told to whoever stops it.
    this.running.catch(() => undefined);
  }

  /** Produces nothing until `goOn`; what is missed is not made up for. */
  hold(): void {
    this.held = true;
  }

  goOn(): void {
    this.held = false;
  }

  /** Resolves with how many events there are, when there are enough. */
  async stop(): Promise<number> {
    this.stopped = true;
    await this.running;
    return this.sent;
  }

  private async run(): Promise<void> {
    const startedAtMs = performance.now();
    let skippedMs = 0;
    while (!this.stopped || this.sent < this.options.atLeast) {
      const wanted = Math.floor(((performance.now() - startedAtMs - skippedMs) / 1_000) * this.options.perSecond);
      // What an outage of the broker kept back is not made up for: that would be another test, of a flood.
      const most = Math.ceil(this.options.perSecond / 2);
      if (wanted - this.sent > most) skippedMs += ((wanted - this.sent - most) / this.options.perSecond) * 1_000;
      const count = Math.min(most, wanted - this.sent);
      if (this.held) skippedMs += BEAT_MS;
      else if (count > 0) await this.produce(count);
      await pause(BEAT_MS);
    }
  }

  private async produce(count: number): Promise<void> {
    const numbers = Array.from({ length: count }, (_, index) => this.sent + index);
    const records = numbers.map((n) => ({
      topic: this.world.topics.events,
      key: `k${n % KEYS}`,
      value: Buffer.from(JSON.stringify({ ...eventOf(n) })),
    }));
    await this.untilAcknowledged(records);
    const atMs = Date.now();
    for (const n of numbers) this.books.write('produced', { n, atMs });
    this.sent += count;
  }

  /** The same records again are the same events: what the broker had taken of a failed send is not doubled. */
  private async untilAcknowledged(records: Parameters<World['producer']['sendAll']>[0]): Promise<void> {
    for (;;) {
      try {
        return await this.world.producer.sendAll(records);
      } catch {
        await pause(500);
      }
    }
  }
}

/** Every tenth event is `load.0`, and so on: how a subscription gets a share of the traffic. */
function eventOf(n: number) {
  return { type: `load.${n % 10}`, id: `load-${n}`, data: { n } };
}
