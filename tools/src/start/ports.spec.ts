import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { choosePorts } from './ports.js';

describe('choosePorts', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'hookstream-ports-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });
  const choose = (...busy: number[]) =>
    choosePorts(join(folder, 'ports.json'), (wanted = 0) =>
      Promise.resolve(busy.includes(wanted) ? wanted + 10_000 : wanted),
    );

  it('takes the usual ports when they are free', async () => {
    const { ports, notes } = await choose();
    expect(ports).toMatchObject({ 'config-api': 8080, router: 8081, kafka: 9092, postgres: 5432 });
    expect(notes).toEqual([]);
  });

  it('replaces a busy port, says so, and stays with the replacement', async () => {
    expect((await choose(8080)).notes).toEqual(['port 8080 is busy: config-api uses 18080']);
    const { ports, notes } = await choose();
    expect(ports['config-api']).toBe(18_080);
    expect(notes).toEqual([]);
  });
});
