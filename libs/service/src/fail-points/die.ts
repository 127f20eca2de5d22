import { writeSync } from 'node:fs';

/** The end that a fail point asks for. It says so first, or nobody could tell it from a real one. */
export function dieAt(name: string): void {
  writeSync(2, `${JSON.stringify({ level: 'warn', message: 'fail point reached: SIGKILL', failPoint: name })}\n`);
  process.kill(process.pid, 'SIGKILL');
}
