import { z } from 'zod';
import type { PhaseArrivals } from '../measure/arrival-journal.js';
import { BenchChild } from './bench-child.js';

const addressSchema = z.object({ port: z.number() });
const maybe = z.union([z.number(), z.nan()]);
const tallySchema = z.object({
  received: z.number(),
  distinct: z.number(),
  firstAtMs: maybe,
  lastAtMs: maybe,
  strays: z.number(),
});
const times = z.instanceof(Float64Array);
const arrivalsSchema = z.object({ arrivals: times, latest: times, counts: z.instanceof(Uint8Array) });

export interface Behaviour {
  /** Before it answers; null: it never does. */
  readonly delayMs: number | null;
  /** It answers 503 to the first request of each event whose number is divisible by this. */
  readonly refusesEvery?: number;
  /** It cuts each new connection. */
  readonly cuts?: boolean;
}

export type ReceiverTally = z.infer<typeof tallySchema>;

/** The receiving end, in a process of its own. */
export class Receiver {
  private constructor(
    readonly child: BenchChild,
    readonly port: number,
  ) {}

  static async start(): Promise<Receiver> {
    const child = await BenchChild.start('receiver', import.meta.resolve('./receiver-process.js'));
    const { port } = await child.ask('listen', {}, addressSchema);
    return new Receiver(child, port);
  }

  /** From now on it expects this many events of this phase. */
  async open(phase: number, events: number): Promise<void> {
    await this.child.ask('open', { phase, events }, z.undefined());
  }

  /** @param behaviour in force for requests that come from now on */
  async behave(behaviour: Behaviour): Promise<void> {
    await this.child.ask('behave', behaviour, z.undefined());
  }

  async tally(phase: number): Promise<ReceiverTally> {
    return this.child.ask('tally', { phase }, tallySchema);
  }

  async arrivals(phase: number): Promise<PhaseArrivals> {
    return this.child.ask('arrivals', { phase }, arrivalsSchema);
  }
}
