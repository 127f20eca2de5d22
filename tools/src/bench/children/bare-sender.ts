import { z } from 'zod';
import { BenchChild } from './bench-child.js';

const sentSchema = z.object({ startedAtMs: z.number(), finishedAtMs: z.number(), failed: z.number() });

export interface Sending {
  readonly url: string;
  readonly phase: number;
  readonly requests: number;
  /** Requests under way at once, each on a connection that is kept alive. */
  readonly inFlight: number;
  readonly dataBytes: number;
}

/** The yardstick, in a process of its own. */
export class BareSender {
  private constructor(readonly child: BenchChild) {}

  static async start(): Promise<BareSender> {
    return new BareSender(await BenchChild.start('bare sender', import.meta.resolve('./bare-sender-process.js')));
  }

  async send(sending: Sending): Promise<z.infer<typeof sentSchema>> {
    return this.child.ask('send', sending, sentSchema);
  }
}
