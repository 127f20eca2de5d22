import { mkdirSync, rmSync } from 'node:fs';
import { MissingToolError, removePidFile, writePidFile } from '@hookstream/testing';
import { readGivenSettings } from './given-settings.js';
import { writePrivateFile } from './json-file.js';
import { findRunningSupervisor, stopLeftovers } from './leftovers.js';
import { LocalStack } from './local-stack.js';
import { terminalLine } from './log-line.js';
import type { StartOptions } from './options.js';
import { Progress } from './progress.js';
import { localEnv, readyText } from './ready-text.js';
import { resetLocalState } from './reset.js';
import { pidFileOf, STATE } from './state-dir.js';
import { StopSignals } from './stop-signals.js';

/** Runs the local stack until it is told to stop; returns the exit code. */
export async function supervise(options: StartOptions): Promise<number> {
  const given = readGivenSettings(process.env);
  if (typeof given === 'string') return fail(given);
  const progress = new Progress();
  const other = await findRunningSupervisor(progress);
  if (other !== undefined) return fail(`Hookstream already runs here (pid ${other}). To stop it: kill ${other}`);
  mkdirSync(STATE.root, { recursive: true });
  writePidFile(pidFileOf('supervisor'), process.pid);

  const stop = new StopSignals();
  let failure: string | undefined;
  const stack = new LocalStack({
    given,
    progress,
    signal: stop.signal,
    onServiceLine: (service, line) => {
      const shown = terminalLine(service, line, options.verbose ? 'all' : stack.ready ? 'problems' : 'errors');
      if (shown !== undefined && !stop.signal.aborted) progress.say(shown);
    },
    onFailure: (reason) => {
      failure ??= reason;
      stop.now();
    },
  });
  stop.onSecond(() => stack.kill());

  try {
    for (const line of await progress.during('Looking for leftovers', stopLeftovers)) progress.say(line);
    if (options.reset && !(await resetLocalState(options.yes ? 'sure' : 'ask'))) {
      failure = 'Nothing was deleted (without a terminal to ask in, add --yes).';
    } else {
      const running = await stack.up();
      writePrivateFile(STATE.localEnv, localEnv(running));
      progress.say(readyText(running, process.uptime()));
      await stop.requested;
    }
  } catch (error) {
    if (!stop.signal.aborted) failure = describe(error, options);
  }
  stop.now();
  writePidFile(pidFileOf('supervisor-stopping'), process.pid);
  await progress.during('Stopping: services drain, then PostgreSQL and Kafka', () => stack.down());
  rmSync(STATE.localEnv, { force: true });
  for (const name of ['supervisor', 'supervisor-stopping']) removePidFile(pidFileOf(name), process.pid);
  if (failure !== undefined) return fail(failure);
  progress.say('Stopped.');
  return 0;
}

function fail(message: string): number {
  process.stderr.write(`${message}\n`);
  return 1;
}

function describe(error: unknown, { verbose }: StartOptions): string {
  if (!(error instanceof Error)) return String(error);
  return verbose && !(error instanceof MissingToolError) ? (error.stack ?? error.message) : error.message;
}
