import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { monotonicMs } from './monotonic.js';
import {
  cpuSecondsOfTree,
  parseMachineBusySeconds,
  parseProcStat,
  parseProportionalBytes,
  treeOf,
  type ProcStat,
} from './proc-stat.js';

/** Processor seconds by the name of the process. */
export type CpuSeconds = Readonly<Record<string, number>>;

/** One look at the named processes and at the whole machine. */
export interface Reading {
  readonly atMs: number;
  readonly cpu: CpuSeconds;
  readonly machineBusySeconds: number;
}

/** Reads what named processes, with all their children, have used so far. Linux only: it reads `/proc`. */
export class ProcessMeter {
  /** @param pids asked anew each time, for processes come and go; undefined while one does not run */
  constructor(private readonly pids: () => Readonly<Record<string, number | undefined>>) {}

  read(): Reading {
    const stats = allStats();
    return {
      atMs: monotonicMs(),
      cpu: this.ofEach((pid) => cpuSecondsOfTree(pid, stats)),
      machineBusySeconds: parseMachineBusySeconds(readOrNothing('/proc/stat')),
    };
  }

  /** Resident memory in bytes; shared pages (PostgreSQL's buffers) counted once. */
  memory(): Readonly<Record<string, number>> {
    const stats = allStats();
    return this.ofEach((pid) => treeOf(pid, stats).reduce((sum, process) => sum + memoryOf(process.pid), 0));
  }

  private ofEach(measure: (pid: number) => number): Record<string, number> {
    const measured: Record<string, number> = {};
    for (const [name, pid] of Object.entries(this.pids())) {
      if (pid !== undefined) measured[name] = measure(pid);
    }
    return measured;
  }
}

/** What each used between two readings; a process that is only in `after` started in between. */
export function usedBetween(before: Reading, after: Reading): CpuSeconds {
  return Object.fromEntries(
    Object.entries(after.cpu).map(([name, seconds]) => [name, seconds - (before.cpu[name] ?? 0)]),
  );
}

/** The share of the machine that went to anything but the measured processes: what makes figures worse than they are. */
export function foreignShare(before: Reading, after: Reading, processors = availableParallelism()): number {
  const ours = Object.values(usedBetween(before, after)).reduce((sum, seconds) => sum + seconds, 0);
  const available = ((after.atMs - before.atMs) / 1_000) * processors;
  return Math.max(0, after.machineBusySeconds - before.machineBusySeconds - ours) / available;
}

export function sumUsed(...parts: readonly CpuSeconds[]): CpuSeconds {
  const total: Record<string, number> = {};
  for (const [name, seconds] of parts.flatMap((part) => Object.entries(part))) {
    total[name] = (total[name] ?? 0) + seconds;
  }
  return total;
}

function allStats(): ProcStat[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => parseProcStat(readOrNothing(`/proc/${pid}/stat`)) ?? []);
}

function memoryOf(pid: number): number {
  return parseProportionalBytes(readOrNothing(`/proc/${pid}/smaps_rollup`)) ?? 0;
}

/** A process may end between our look into the folder and into its file. */
function readOrNothing(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
