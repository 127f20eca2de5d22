import { spawn } from 'node:child_process';

export interface CommandRun {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly user?: { readonly uid: number; readonly gid: number };
  readonly input?: string;
  /** SIGKILL after this time. Default: none. */
  readonly timeoutMs?: number;
  /** SIGTERM when it aborts; the run then rejects. */
  readonly signal?: AbortSignal;
  /** Called for each line of output as it comes. */
  readonly onLine?: (line: string) => void;
}

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command to its end. Rejects only if it could not be run at all; a signal counts as code 1. */
export function runCommand(run: CommandRun): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(run.command, run.args, {
      stdio: 'pipe',
      ...(run.env && { env: run.env }),
      ...(run.cwd !== undefined && { cwd: run.cwd }),
      ...run.user,
      ...(run.signal && { signal: run.signal }),
      ...(run.timeoutMs !== undefined && { timeout: run.timeoutMs, killSignal: 'SIGKILL' }),
    });
    const stdout: string[] = [];
    const stderr: string[] = [];
    const collect = (into: string[]) => (chunk: string) => {
      into.push(chunk);
      for (const line of chunk.split('\n')) if (line.trim() !== '') run.onLine?.(line.trimEnd());
    };
    child.stdout.setEncoding('utf8').on('data', collect(stdout));
    child.stderr.setEncoding('utf8').on('data', collect(stderr));
    child.stdin.on('error', () => undefined).end(run.input ?? '');
    child.once('error', reject);
    child.once('close', (code) => {
      resolve({ code: code ?? 1, stdout: stdout.join(''), stderr: stderr.join('') });
    });
  });
}

/** As `runCommand`, and throws with the end of the output when the command fails. */
export async function runCommandOrThrow(what: string, run: CommandRun): Promise<CommandResult> {
  const result = await runCommand(run);
  if (result.code === 0) return result;
  const output = `${result.stdout}\n${result.stderr}`.trim().split('\n').slice(-25).join('\n');
  throw new Error(`${what} failed with exit code ${result.code}:\n${output}`);
}
