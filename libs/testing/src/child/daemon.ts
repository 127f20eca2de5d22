import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { forgetDaemon, noteDaemon } from './daemon-registry.js';
import { removePidFile, writePidFile } from './pid-file.js';

export interface DaemonExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

type DaemonOutput = { readonly file: string } | { readonly onLine: (line: string) => void };

export interface DaemonSpec {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly output: DaemonOutput;
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Run as this user and group; only root may ask for it. */
  readonly user?: { readonly uid: number; readonly gid: number };
  /** Written as soon as the child runs, removed when it is gone. */
  readonly pidFile?: string;
}

/**
 * A long-running child in a session of its own: a Ctrl-C in the terminal reaches only us, so that we decide in which
 * order things stop.
 */
export class Daemon {
  readonly exited: Promise<DaemonExit>;
  private exit: DaemonExit | undefined;

  private constructor(
    readonly name: string,
    readonly pid: number,
    child: ChildProcess,
    { args, pidFile }: DaemonSpec,
  ) {
    noteDaemon(pid, args);
    if (pidFile !== undefined) writePidFile(pidFile, pid);
    this.exited = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        this.exit = { code, signal };
        forgetDaemon(pid);
        if (pidFile !== undefined) removePidFile(pidFile, pid);
        resolve(this.exit);
      });
    });
  }

  /** Throws if the command cannot be run at all. */
  static async spawn(spec: DaemonSpec): Promise<Daemon> {
    const stdout = 'file' in spec.output ? openForAppend(spec.output.file) : 'pipe';
    try {
      const child = spawn(spec.command, spec.args, {
        detached: true,
        stdio: ['ignore', stdout, stdout],
        ...(spec.env && { env: spec.env }),
        ...(spec.cwd !== undefined && { cwd: spec.cwd }),
        ...spec.user,
      });
      await new Promise<void>((resolve, reject) => {
        child.once('spawn', resolve);
        child.once('error', reject);
      });
      if (child.pid === undefined) throw new Error(`${spec.name} has no process id`);
      if ('onLine' in spec.output) {
        readLines(child.stdout, spec.output.onLine);
        readLines(child.stderr, spec.output.onLine);
      }
      return new Daemon(spec.name, child.pid, child, spec);
    } finally {
      if (typeof stdout === 'number') closeSync(stdout);
    }
  }

  get running(): boolean {
    return this.exit === undefined;
  }

  signal(signal: NodeJS.Signals): void {
    if (this.running) process.kill(this.pid, signal);
  }

  /** Asks with `signal`, waits at most `graceMs`, then insists with SIGKILL. */
  async stop(signal: NodeJS.Signals, graceMs: number): Promise<DaemonExit> {
    this.signal(signal);
    const timeUp = new AbortController();
    await Promise.race([this.exited, delay(graceMs, undefined, { signal: timeUp.signal }).catch(() => undefined)]);
    timeUp.abort();
    return this.kill();
  }

  async kill(): Promise<DaemonExit> {
    this.signal('SIGKILL');
    return this.exited;
  }
}

function openForAppend(file: string): number {
  mkdirSync(dirname(file), { recursive: true });
  return openSync(file, 'a');
}

function readLines(stream: Readable | null, onLine: (line: string) => void): void {
  if (stream) createInterface({ input: stream, crlfDelay: Infinity }).on('line', onLine);
}
