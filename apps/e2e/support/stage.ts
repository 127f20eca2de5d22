import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { eventually, type ServiceHandle, type ServiceName } from '@hookstream/testing';
import { BookKeeper, type Expectation, type Fault } from './books/books.js';
import { JournalingReceiver, type Answer, type Call } from './books/journaling-receiver.js';
import { Load } from './books/load.js';
import { seededRandom } from './random.js';
import type { World } from './world.js';

export interface Part {
  readonly receiver: string;
  readonly every: 1 | 10;
  readonly answer?: (call: Call) => Answer;
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly prompt?: boolean;
  /** Default: all of it is delivered. */
  readonly ends?: readonly string[];
}

export interface StageOptions {
  readonly folder: string;
  readonly seed: number;
  readonly events: number;
  readonly perSecond: number;
}

const SETTLE_MS = 240_000;
const DIED_MS = 90_000;
const QUICK_RETRIES = { schedule: ['1s', '2s', '4s', '8s', '15s', '30s'], jitter: 0.1 };

/** A world under load in which a scenario does its harm, and everything that has to be written down about it. */
export class Stage {
  readonly books: BookKeeper;
  readonly random: () => number;
  readonly load: Load;
  private readonly receivers = new Map<string, JournalingReceiver>();
  private readonly subscriptions: string[] = [];

  constructor(
    readonly world: World,
    options: StageOptions,
  ) {
    this.books = new BookKeeper(join(options.folder, 'books'));
    this.random = seededRandom(options.seed);
    this.load = new Load(world, this.books, { perSecond: options.perSecond, atLeast: options.events });
  }

  /** A receiver and the subscription that delivers to it. */
  async cast({ receiver, every, answer, settings = {}, prompt = false, ends = ['delivered'] }: Part): Promise<string> {
    const started = await this.receive(receiver, answer);
    const { id } = await this.world.api.subscribe({
      name: receiver,
      eventTypes: [every === 1 ? 'load.*' : 'load.0'],
      endpoint: { url: started.url },
      retry: QUICK_RETRIES,
      ...settings,
    });
    this.expect({ subscription: id, receiver, every, prompt, ends });
    return id;
  }

  /** A receiver nobody has subscribed yet. */
  async receive(name: string, answer?: (call: Call) => Answer): Promise<JournalingReceiver> {
    const receiver = await JournalingReceiver.start(name, this.books, answer);
    this.receivers.set(name, receiver);
    return receiver;
  }

  expect(expectation: Expectation): void {
    this.subscriptions.push(expectation.subscription);
    this.books.write('expectations', expectation);
  }

  receiver(name: string): JournalingReceiver {
    const receiver = this.receivers.get(name);
    if (!receiver) throw new Error(`there is no receiver ${name}`);
    return receiver;
  }

  /** Up to so long, at random. */
  async pause(mostMs: number, leastMs = 0): Promise<void> {
    await pause(leastMs + this.random() * (mostMs - leastMs));
  }

  service(name: ServiceName): ServiceHandle {
    return this.world.stack.service(name);
  }

  fault(fault: Omit<Fault, 'cutsRequests'> & { readonly cutsRequests?: boolean }): void {
    this.books.write('faults', { cutsRequests: false, ...fault });
  }

  /** What an earlier fault has held up is delivered: the next one is judged by itself. */
  async caughtUp(): Promise<void> {
    const { count } = this.load;
    await eventually(() => this.assertSeen(count), { timeoutMs: SETTLE_MS, intervalMs: 100 });
  }

  /** Nothing is produced, and nothing is under way: what is taken away now has nothing in it. `load.goOn` ends it. */
  async quiet(): Promise<void> {
    this.load.hold();
    const settled = () => this.assertSettled(this.load.count);
    await eventually(settled, { timeoutMs: SETTLE_MS, intervalMs: 250 });
  }

  /** SIGKILL, a moment of absence, a new start, and work again. */
  async kill(name: ServiceName, absenceMs = 1_000): Promise<void> {
    const handle = this.service(name);
    await handle.ready();
    await this.caughtUp();
    const atMs = Date.now();
    await handle.kill('SIGKILL');
    await this.bringBack(name, { what: 'kill', atMs, absenceMs });
  }

  /**
   * Starts it again with the fail point armed, waits until that has killed it, and starts it as it was. Nothing is produced
   * while it is away: it is to die at its usual work, not in a burst of what has waited for it.
   */
  async dieAt(name: ServiceName, point: string, pass: number, meanwhile?: () => Promise<void>): Promise<void> {
    const handle = this.service(name);
    this.load.hold();
    await this.caughtUp();
    await handle.stop();
    await handle.start({ NODE_ENV: 'test', HOOKSTREAM_FAIL_POINT: `${point}:${pass}` });
    // One that dies before it is ready is waited for below.
    await handle.ready().catch(() => undefined);
    this.load.goOn();
    const giveUp = new AbortController();
    const timeout = pause(DIED_MS, undefined, { signal: giveUp.signal }).then(() => undefined);
    // Cleared when the process has ended.
    timeout.catch(() => undefined);
    if (meanwhile) await Promise.race([meanwhile(), handle.exited]);
    const exit = await Promise.race([handle.exited, timeout]);
    giveUp.abort();
    if (exit?.signal !== 'SIGKILL') throw new Error(`${point}:${pass} was not reached (${JSON.stringify(exit)})`);
    await this.bringBack(name, { what: 'kill', atMs: Date.now(), absenceMs: 0 });
  }

  /** Everybody runs, and nothing is under way any more. False where that does not come about: the ledger tells what is. */
  async settle(): Promise<boolean> {
    const events = await this.load.stop();
    await this.world.stack.start();
    try {
      await eventually(() => this.assertSettled(events), { timeoutMs: SETTLE_MS, intervalMs: 1_000 });
      return true;
    } catch (error) {
      console.warn(error);
      return false;
    }
  }

  /** Writes down what log and topics tell, and takes the receivers away. */
  async conclude(): Promise<void> {
    try {
      for (const id of new Set(this.subscriptions)) {
        for (const { id: delivery, subscription, event, state, reason } of await this.world.allDeliveries(id)) {
          const n = Number(event.externalId?.replace('load-', ''));
          this.books.write('logged', { subscription, delivery, n, state, reason });
        }
      }
      await this.noteReports();
      for (const { event, matched } of await this.world.allRouted()) {
        const n = Number(event.externalId?.replace('load-', ''));
        for (const { subscription } of matched) this.books.write('routed', { subscription, n });
      }
    } finally {
      await Promise.all([...this.receivers.values()].map((receiver) => receiver.down()));
      await this.books.close();
    }
  }

  /** Writes down what `attempts` tells: at the end, and before it is taken away. */
  async noteReports(): Promise<void> {
    for (const report of await this.world.allReports()) {
      const { subscription, delivery } = report;
      const attempt = report.kind === 'attempt' ? { attempt: report.id } : {};
      const atMs = report.kind === 'attempt' ? report.startedAtMs : report.atMs;
      this.books.write('reported', { subscription, delivery, atMs, ...attempt });
    }
  }

  private async bringBack(
    name: ServiceName,
    { what, atMs, absenceMs }: { readonly what: string; readonly atMs: number; readonly absenceMs: number },
  ): Promise<void> {
    await this.pause(absenceMs);
    const againAtMs = Date.now();
    await this.service(name).start();
    this.fault({ what, service: name, atMs, againAtMs, cutsRequests: name === 'dispatcher' });
    await this.service(name).ready();
  }

  /** The first receiver is the one that gets every event. */
  private assertSeen(events: number): void {
    const [first] = this.receivers.values();
    if (first && first.seen < events) throw new Error(`${first.name} has seen ${first.seen} of ${events}`);
  }

  /** The cheap questions first. */
  private async assertSettled(events: number): Promise<void> {
    this.assertSeen(events);
    for (const id of this.subscriptions) {
      const [open] = await this.world.api.deliveries(`subscription=${id}&state=pending&state=retrying&limit=1`);
      if (open) throw new Error(`still under way: ${JSON.stringify(open)}`);
    }
    const logged = (await this.world.allDeliveries(this.subscriptions[0] ?? '')).length;
    if (logged < events) throw new Error(`the log knows ${logged} of ${events}`);
  }
}
