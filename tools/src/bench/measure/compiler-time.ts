import { readdirSync, readFileSync } from 'node:fs';
import { parseProcStat, TICKS_PER_SECOND } from './proc-stat.js';

/** How HotSpot calls the threads of its compilers, as far as the kernel keeps a thread's name. */
const COMPILER = /^C[12] CompilerThre/;

/** Processor seconds of the JVM's compilers, and of all its threads. Linux only. */
export interface CompilerTime {
  readonly compilers: number;
  readonly all: number;
}

/** @param threads lines of `/proc/<pid>/task/<tid>/stat` */
export function compilerTimeOf(threads: readonly string[]): CompilerTime {
  const times = { compilers: 0, all: 0 };
  for (const line of threads) {
    const seconds = (parseProcStat(line)?.ownTicks ?? 0) / TICKS_PER_SECOND;
    times.all += seconds;
    if (COMPILER.test(line.slice(line.indexOf('(') + 1))) times.compilers += seconds;
  }
  return times;
}

/** Of the threads that live now: those that have ended are in neither figure. */
export function readCompilerTime(pid: number): CompilerTime {
  const folder = `/proc/${pid}/task`;
  return compilerTimeOf(readdirSync(folder).flatMap((thread) => readOrNothing(`${folder}/${thread}/stat`)));
}

/** The compilers' share of what the JVM used between two looks. */
export function compilerShare(before: CompilerTime, after: CompilerTime): number {
  const all = after.all - before.all;
  return all > 0 ? (after.compilers - before.compilers) / all : 0;
}

/** A thread may end between our look into the folder and into its file. */
function readOrNothing(path: string): string[] {
  try {
    return [readFileSync(path, 'utf8')];
  } catch {
    return [];
  }
}
