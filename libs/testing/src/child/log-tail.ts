import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Daemon } from './daemon.js';

const POLL_MS = 25;
const LINES_IN_ERRORS = 20;

/** What a daemon writes to its log file from now on. */
export class LogTail {
  private constructor(
    private readonly file: string,
    private readonly from: number,
  ) {}

  static fromEnd(file: string): LogTail {
    return new LogTail(file, existsSync(file) ? statSync(file).size : 0);
  }

  /** Throws, with the last lines, if the daemon ends first or the line does not come in time (then it is killed). */
  async waitFor(line: string, daemon: Daemon, timeoutMs: number): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const running = daemon.running;
      if (this.read().includes(line)) return;
      if (!running) throw new Error(`${daemon.name} ended before it was ready:\n${this.lastLines()}`);
      if (performance.now() > deadline) {
        await daemon.kill();
        throw new Error(`${daemon.name} was not ready within ${timeoutMs} ms:\n${this.lastLines()}`);
      }
      await delay(POLL_MS);
    }
  }

  private lastLines(): string {
    return this.read().trimEnd().split('\n').slice(-LINES_IN_ERRORS).join('\n');
  }

  private read(): string {
    if (!existsSync(this.file)) return '';
    const length = statSync(this.file).size - this.from;
    if (length <= 0) return '';
    const bytes = Buffer.alloc(length);
    const descriptor = openSync(this.file, 'r');
    try {
      return bytes.toString('utf8', 0, readSync(descriptor, bytes, 0, length, this.from));
    } finally {
      closeSync(descriptor);
    }
  }
}
