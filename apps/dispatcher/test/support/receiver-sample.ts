import { spawn, type ChildProcessByStdio } from 'node:child_process';
import type { Readable } from 'node:stream';
import { eventually } from '@hookstream/testing';

/** A sample of docs/receivers as a process of its own. It says on which port it listens, and what it handles. */
export class ReceiverSample {
  private output = '';

  private constructor(private readonly process: ChildProcessByStdio<null, Readable, Readable>) {
    // PHP's own server tells of itself on the other.
    for (const stream of [process.stdout, process.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        this.output += chunk.toString();
      });
    }
  }

  static async start([command = '', ...args]: readonly string[], env: NodeJS.ProcessEnv): Promise<ReceiverSample> {
    // A group of its own: `go run` has a child, which would stay.
    const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    const sample = new ReceiverSample(child);
    await eventually(() => sample.port(), { timeoutMs: 120_000 });
    return sample;
  }

  /** Lines that it has printed of what it handled. */
  get handled(): readonly string[] {
    return this.output.split('\n').filter((line) => line.startsWith('handled '));
  }

  /** Returns the status of the answer. */
  async post(headers: Readonly<Record<string, string>>, body: string): Promise<number> {
    return (await fetch(`http://127.0.0.1:${this.port()}/hook`, { method: 'POST', headers, body })).status;
  }

  async stop(): Promise<void> {
    const { pid } = this.process;
    if (pid === undefined) return;
    const ended = new Promise((resolve) => this.process.once('close', resolve));
    process.kill(-pid, 'SIGKILL');
    await ended;
  }

  private port(): number {
    const port = /listening on (\d+)|\(http:\/\/127\.0\.0\.1:(\d+)\) started/.exec(this.output);
    if (!port) throw new Error(`the receiver does not listen: ${this.output}`);
    return Number(port[1] ?? port[2]);
  }
}
