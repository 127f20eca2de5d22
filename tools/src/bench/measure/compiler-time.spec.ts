import { describe, expect, it } from '@jest/globals';
import { compilerShare, compilerTimeOf, readCompilerTime } from './compiler-time.js';

const thread = (name: string, user: number, system: number) =>
  `4712 (${name}) S 17 4711 4711 0 -1 4194624 5 0 0 0 ${user} ${system} 0 0 20 0 1 0 123 1 2 18446744073709551615`;

describe('the time of the JVM compilers', () => {
  it('is that of the threads of both compilers, beside all', () => {
    const lines = [
      thread('C2 CompilerThre', 200, 50),
      thread('C1 CompilerThre', 25, 0),
      thread('data-plane-kafk', 25, 0),
    ];
    expect(compilerTimeOf(lines)).toEqual({ compilers: 2.75, all: 3 });
  });

  it('is a share of what was used meanwhile', () => {
    expect(compilerShare({ compilers: 10, all: 20 }, { compilers: 11, all: 30 })).toBe(0.1);
  });

  it('is no share where nothing was used', () => {
    expect(compilerShare({ compilers: 10, all: 20 }, { compilers: 10, all: 20 })).toBe(0);
  });

  it('is read of living threads', () => {
    const { compilers, all } = readCompilerTime(process.pid);
    expect(compilers).toBe(0);
    expect(all).toBeGreaterThan(0);
  });
});
