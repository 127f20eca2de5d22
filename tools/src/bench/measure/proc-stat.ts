/** What `/proc/<pid>/stat` says of one process. Times in clock ticks. */
export interface ProcStat {
  readonly pid: number;
  readonly parent: number;
  /** Its own, user and system. */
  readonly ownTicks: number;
  /** Of its children that have ended and were waited for. */
  readonly endedChildrenTicks: number;
}

/** `USER_HZ`: 100 on every Linux that Node runs on, whatever the kernel's own frequency. */
export const TICKS_PER_SECOND = 100;

/**
 * proc_pid_stat(5): the command name, in parentheses, may itself hold spaces and parentheses.
 *
 * @returns undefined for what is no such line
 */
export function parseProcStat(line: string): ProcStat | undefined {
  const nameEnd = line.lastIndexOf(')');
  const pid = Number.parseInt(line, 10);
  // The first field after the name is the third of the line.
  const fields = line.slice(nameEnd + 2).split(' ');
  const numbers = [1, 11, 12, 13, 14].map((index) => Number(fields[index]));
  const [parent = NaN, user = NaN, system = NaN, childrenUser = NaN, childrenSystem = NaN] = numbers;
  const stat = { pid, parent, ownTicks: user + system, endedChildrenTicks: childrenUser + childrenSystem };
  return nameEnd > 0 && Object.values(stat).every(Number.isFinite) ? stat : undefined;
}

/** The processor time of a process and all that descend from it, in seconds; 0 when it is not among `stats`. */
export function cpuSecondsOfTree(root: number, stats: readonly ProcStat[]): number {
  const ticks = treeOf(root, stats).reduce((sum, { ownTicks, endedChildrenTicks }) => {
    return sum + ownTicks + endedChildrenTicks;
  }, 0);
  return ticks / TICKS_PER_SECOND;
}

/** The process and its living descendants. */
export function treeOf(root: number, stats: readonly ProcStat[]): ProcStat[] {
  const found = stats.filter(({ pid }) => pid === root);
  for (const { pid } of found) found.push(...stats.filter(({ parent }) => parent === pid));
  return found;
}

/** From `/proc/<pid>/smaps_rollup`: resident memory in bytes, shared pages divided among those that share them. */
export function parseProportionalBytes(rollup: string): number | undefined {
  const kibibytes = /^Pss:\s+(\d+) kB$/m.exec(rollup)?.[1];
  return kibibytes === undefined ? undefined : Number(kibibytes) * 1_024;
}

const IDLE_FIELDS = [3, 4];
/** Guests are counted in the user time of their host as well. */
const COUNTED_FIELDS = 8;

/** From the first line of `/proc/stat`: what all processors together have worked since boot, in seconds. */
export function parseMachineBusySeconds(stat: string): number {
  const fields = /^cpu +(.*)$/m.exec(stat)?.[1]?.split(' ').map(Number) ?? [];
  const busy = fields.filter((_, index) => index < COUNTED_FIELDS && !IDLE_FIELDS.includes(index));
  return busy.reduce((sum, ticks) => sum + ticks, 0) / TICKS_PER_SECOND;
}
