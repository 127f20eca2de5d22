import { describe, expect, it } from '@jest/globals';
import {
  cpuSecondsOfTree,
  parseMachineBusySeconds,
  parseProcStat,
  parseProportionalBytes,
  treeOf,
} from './proc-stat.js';

const LINE =
  '4711 (postgres: ) checkpointer (x)) S 17 4711 4711 0 -1 4194624 5 0 0 0 120 30 7 3 20 0 1 0 123 1 2 18446744073709551615';

function stat(pid: number, parent: number, ownTicks: number, endedChildrenTicks = 0) {
  return { pid, parent, ownTicks, endedChildrenTicks };
}

describe('parseProcStat', () => {
  it('reads the times also when the name of the command holds parentheses and spaces', () => {
    expect(parseProcStat(LINE)).toEqual({ pid: 4711, parent: 17, ownTicks: 150, endedChildrenTicks: 10 });
  });

  it.each(['', 'nonsense', '12 (node) R 1 2 3'])('does not take %j for a process', (line) => {
    expect(parseProcStat(line)).toBeUndefined();
  });
});

describe('cpuSecondsOfTree', () => {
  const stats = [stat(40, 12, 5), stat(10, 1, 100, 50), stat(11, 10, 200), stat(12, 10, 10), stat(99, 1, 1_000)];

  it('counts the process, its living descendants and its ended children', () => {
    expect(cpuSecondsOfTree(10, stats)).toBe(3.65);
  });

  it('counts nothing for a process that does not exist', () => {
    expect(cpuSecondsOfTree(7, stats)).toBe(0);
  });

  it('knows who descends from whom', () => {
    expect(treeOf(10, stats).map(({ pid }) => pid)).toEqual([10, 11, 12, 40]);
  });
});

describe('parseProportionalBytes', () => {
  it('reads the share of the process in the memory that it maps', () => {
    expect(parseProportionalBytes('55d-7ff ---p\nRss:   900 kB\nPss:        512 kB\nPss_Dirty: 1 kB\n')).toBe(524_288);
  });

  it('knows nothing where the kernel tells nothing', () => {
    expect(parseProportionalBytes('')).toBeUndefined();
  });
});

describe('parseMachineBusySeconds', () => {
  it('adds up what is neither idle, nor waiting, nor a guest counted before', () => {
    expect(parseMachineBusySeconds('cpu  100 20 30 9000 800 5 6 7 50 1\ncpu0 1 2 3 4 5 6 7 8 9 10\n')).toBe(1.68);
  });
});
