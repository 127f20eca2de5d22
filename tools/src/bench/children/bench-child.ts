import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const replySchema = z.union([
  z.object({ id: z.number(), error: z.string() }),
  z.object({ id: z.number(), value: z.unknown() }),
]);

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** A process of the benchmark's own, asked over a pipe; see `serve` for its side. It ends when we do. */
export class BenchChild {
  private readonly waiting = new Map<number, Pending>();
  private lastId = 0;

  private constructor(
    readonly name: string,
    private readonly child: ChildProcess,
  ) {
    child.on('message', (message) => {
      this.onReply(message);
    });
    child.once('exit', (code, signal) => {
      for (const { reject } of this.waiting.values()) reject(new Error(`${name} ended (${signal ?? code})`));
      this.waiting.clear();
    });
  }

  /** @param script URL of a module that calls `serve` */
  static async start(name: string, script: string): Promise<BenchChild> {
    const child = fork(fileURLToPath(script), {
      // Typed arrays pass as they are.
      serialization: 'advanced',
      // Of its own session: the Ctrl-C of a terminal reaches only us.
      detached: true,
      execArgv: ['--enable-source-maps'],
    });
    await once(child, 'spawn');
    return new BenchChild(name, child);
  }

  get pid(): number | undefined {
    return this.child.exitCode === null && this.child.signalCode === null ? this.child.pid : undefined;
  }

  /** @throws Error when the operation failed there, or the process ended */
  async ask<Reply>(op: string, input: unknown, reply: z.ZodType<Reply>): Promise<Reply> {
    const id = ++this.lastId;
    const answered = new Promise<unknown>((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
    });
    if (this.pid === undefined) throw new Error(`${this.name} does not run`);
    this.child.send({ id, op, input });
    return reply.parse(await answered);
  }

  async stop(): Promise<void> {
    if (this.pid === undefined) return;
    const gone = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await gone;
  }

  private onReply(message: unknown): void {
    const reply = replySchema.parse(message);
    const pending = this.waiting.get(reply.id);
    this.waiting.delete(reply.id);
    if ('error' in reply) pending?.reject(new Error(`${this.name}: ${reply.error}`));
    else pending?.resolve(reply.value);
  }
}
