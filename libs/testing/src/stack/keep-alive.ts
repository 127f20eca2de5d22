import { setTimeout as delay } from 'node:timers/promises';
import type { DaemonExit } from '../child/daemon.js';
import { RestartBackoff } from './restart-backoff.js';

export interface Restartable {
  readonly name: string;
  /** Of the current process; asked again after each start. */
  readonly exited: Promise<DaemonExit> | undefined;
  start(): Promise<void>;
  stop(): Promise<unknown>;
}

export interface Crash extends DaemonExit {
  readonly name: string;
  readonly restartInMs: number;
}

/**
 * Starts `restartable` again whenever it ends, with back-off, until `signal` aborts. `onCrash` is told each time, and
 * ends the watch by answering `give-up`.
 */
export async function keepAlive(
  restartable: Restartable,
  onCrash: (crash: Crash) => 'restart' | 'give-up',
  signal: AbortSignal,
): Promise<void> {
  const backoff = new RestartBackoff();
  for (;;) {
    const startedAt = performance.now();
    const exit = await restartable.exited;
    if (signal.aborted || exit === undefined) return;
    const restartInMs = backoff.nextDelayMs(performance.now() - startedAt);
    if (onCrash({ name: restartable.name, ...exit, restartInMs }) === 'give-up') return;
    await delay(restartInMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    // A start that fails shows as the next exit.
    await restartable.start().catch(() => undefined);
    // Whoever stops everything may have come by while nothing ran yet.
    if (signal.aborted) await restartable.stop();
  }
}
