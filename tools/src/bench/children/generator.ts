import { z } from 'zod';
import { BenchChild } from './bench-child.js';

const burstSchema = z.object({ startedAtMs: z.number(), finishedAtMs: z.number() });
const pacedSchema = z.object({ startsAtMs: z.number(), worstLagMs: z.number() });

export interface Load {
  readonly phase: number;
  readonly events: number;
  readonly dataBytes: number;
  /** Event n has type `types[n % types.length]`. */
  readonly types: readonly string[];
}

/** The producing end, in a process of its own. */
export class Generator {
  private constructor(readonly child: BenchChild) {}

  static async start(brokers: string, topic: string): Promise<Generator> {
    const child = await BenchChild.start('generator', import.meta.resolve('./generator-process.js'));
    await child.ask('connect', { brokers, topic }, z.undefined());
    return new Generator(child);
  }

  /** All as fast as the broker takes them; resolves when it has them all. */
  async burst(load: Load): Promise<z.infer<typeof burstSchema>> {
    return this.child.ask('burst', load, burstSchema);
  }

  /** Event n at `startsAtMs + n / perSecond`, whatever becomes of those before it. */
  async paced(load: Load & { readonly perSecond: number }): Promise<z.infer<typeof pacedSchema>> {
    return this.child.ask('paced', load, pacedSchema);
  }
}
