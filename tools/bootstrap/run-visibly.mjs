import { spawn } from 'node:child_process';
import { constants } from 'node:os';

const SPINNER = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const REDRAW_MS = 200;
const PLAIN_LINE_MS = 10_000;
const QUICK_MS = 1_500;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * Runs a command and shows that it is alive: a moving line on a terminal, else a line now and then. Its output is shown
 * only if it fails, and then this process ends with the same code. A signal reaches the command's whole process group
 * (nx and npm leave their children behind otherwise) and ends this process.
 */
export async function runVisibly(what, command, args, env = {}) {
  const startedAt = Date.now();
  const seconds = () => `${Math.round((Date.now() - startedAt) / 1000)} s`;
  const output = [];
  const child = spawn(command, args, {
    detached: true,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.on('data', (chunk) => output.push(chunk));
  child.stderr.on('data', (chunk) => output.push(chunk));

  const forward = (signal) => {
    interruptedBy = signal;
    signalGroup(child.pid, signal);
  };
  let interruptedBy;
  for (const signal of SIGNALS) process.on(signal, forward);
  const stopShowing = showProgress(what, seconds);
  const code = await new Promise((resolve) => {
    child.once('error', (error) => {
      output.push(Buffer.from(`${error.message}\n`));
      resolve(1);
    });
    child.once('close', (exitCode) => resolve(exitCode ?? 1));
  });
  stopShowing();
  for (const signal of SIGNALS) process.off(signal, forward);

  if (interruptedBy) process.exit(128 + constants.signals[interruptedBy]);
  if (code !== 0) {
    process.stderr.write(Buffer.concat(output));
    console.error(`\n${what} failed (${command} ${args.join(' ')}).`);
    process.exit(code);
  }
  if (Date.now() - startedAt > QUICK_MS) console.log(`${what}: done in ${seconds()}`);
}

function showProgress(what, seconds) {
  if (!process.stdout.isTTY) {
    console.log(`${what} …`);
    const timer = setInterval(() => console.log(`${what} … ${seconds()}`), PLAIN_LINE_MS);
    return () => clearInterval(timer);
  }
  let frame = 0;
  const draw = () => process.stdout.write(`\r\x1b[K${SPINNER[frame++ % SPINNER.length]} ${what} … ${seconds()}`);
  draw();
  const timer = setInterval(draw, REDRAW_MS);
  return () => {
    clearInterval(timer);
    process.stdout.write('\r\x1b[K');
  };
}

function signalGroup(pid, signal) {
  try {
    process.kill(-pid, signal);
  } catch {
    // It has just ended.
  }
}
