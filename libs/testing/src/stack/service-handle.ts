import { Daemon, type DaemonExit } from '../child/daemon.js';
import { waitUntilReady } from './readiness.js';
import type { ServiceName } from './service-names.js';
import { ServiceOutput } from './service-output.js';

export interface ServiceLaunch {
  readonly name: ServiceName;
  readonly url: string;
  /** The built `main.js`. */
  readonly entry: string;
  readonly env: NodeJS.ProcessEnv;
  readonly logFile?: string;
  readonly pidFile?: string;
  readonly onLine?: (line: string) => void;
}

const DRAIN_MS = 30_000;
const READY_TIMEOUT_MS = 60_000;

/** One service as a process of its own, to be stopped, killed and started at will. */
export class ServiceHandle {
  private daemon: Daemon | undefined;
  private readonly output: ServiceOutput;

  constructor(private readonly launch: ServiceLaunch) {
    this.output = new ServiceOutput(launch.logFile, launch.onLine);
  }

  get name(): ServiceName {
    return this.launch.name;
  }

  /** Where its HTTP server listens. */
  get url(): string {
    return this.launch.url;
  }

  get pid(): number | undefined {
    return this.daemon?.running === true ? this.daemon.pid : undefined;
  }

  /** Resolves when the current process ends, however it ends. Undefined before the first start. */
  get exited(): Promise<DaemonExit> | undefined {
    return this.daemon?.exited;
  }

  /** The newest lines of its log, over all of its starts. */
  get logLines(): readonly string[] {
    return this.output.lines;
  }

  /**
   * Starts the process unless it runs; being ready is another matter.
   * @param more environment for this process only
   */
  async start(more: Readonly<Record<string, string>> = {}): Promise<void> {
    if (this.pid !== undefined) return;
    const { name, entry, env, pidFile } = this.launch;
    this.daemon = await Daemon.spawn({
      name,
      command: process.execPath,
      args: ['--enable-source-maps', entry],
      env: { ...env, ...more },
      output: {
        onLine: (line) => {
          this.output.write(line);
        },
      },
      ...(pidFile !== undefined && { pidFile }),
    });
  }

  /** Throws with the end of its log when it ends first or takes too long. */
  async ready(timeoutMs = READY_TIMEOUT_MS): Promise<void> {
    const giveUp = new AbortController();
    const ended = this.exited?.then((exit) => {
      giveUp.abort();
      throw new Error(`${this.name} ended (${exit.signal ?? exit.code}) before it was ready:\n${this.lastLines()}`);
    });
    let reason = '';
    const ready = waitUntilReady(this.url, AbortSignal.any([giveUp.signal, AbortSignal.timeout(timeoutMs)]), (why) => {
      reason = why;
    }).catch(() => {
      throw new Error(`${this.name} was not ready within ${timeoutMs} ms (${reason}):\n${this.lastLines()}`);
    });
    await Promise.race(ended === undefined ? [ready] : [ready, ended]);
    ended?.catch(() => undefined);
  }

  /** Lets it drain: SIGTERM, and SIGKILL after 30 s. */
  async stop(): Promise<DaemonExit | undefined> {
    return this.daemon?.stop('SIGTERM', DRAIN_MS);
  }

  /** Sends a signal; after SIGKILL it waits for the end. `SIGSTOP` and `SIGCONT` freeze and thaw. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    if (signal === 'SIGKILL') await this.daemon?.kill();
    else this.daemon?.signal(signal);
  }

  /** Starts it again, after it was stopped or killed, or stopping it first, and waits until it is ready. */
  async restart(): Promise<void> {
    await this.stop();
    await this.start();
    await this.ready();
  }

  private lastLines(): string {
    return this.logLines.slice(-20).join('\n');
  }
}
