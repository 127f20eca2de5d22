import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { workspaceRoot } from '@hookstream/testing';

const page = readFileSync(join(workspaceRoot(), 'docs/profiles-evidence.md'), 'utf8');
const ROW = /^\| (?!the system says|-)(.*?) +\| (.*?) +\| (.*?) +\|$/gm;
const REFERENCE = /^\[[\w.-]+\]\(\.\.\/([\w/.-]+\.spec\.ts)\): (.+)$/;

interface Row {
  readonly statement: string;
  readonly references: readonly string[];
}

const rows: readonly Row[] = [...page.matchAll(ROW)].map(([, statement = '', , tests = '']) => ({
  statement,
  references: tests.split('<br>'),
}));

describe('docs/profiles-evidence.md', () => {
  it('has a table of every system', () => {
    expect(page.match(/^## /gm)?.length).toBeGreaterThanOrEqual(5);
    expect(rows.length).toBeGreaterThanOrEqual(30);
  });

  it.each(rows)('names tests that are there: $statement', ({ references }) => {
    for (const reference of references) {
      const [, path = '', title = ''] = REFERENCE.exec(reference) ?? [];
      expect(path).not.toBe('');
      // As a title stands in its source, quotes escaped or not.
      const source = readFileSync(join(workspaceRoot(), path), 'utf8').replaceAll("\\'", "'");
      expect({ path, title, isThere: source.includes(title) }).toEqual({ path, title, isThere: true });
    }
  });
});
