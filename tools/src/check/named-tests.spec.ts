import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { workspaceRoot } from '@hookstream/testing';
import { hasTitle, namedTests } from './named-tests.js';

const NOT_OURS = new Set(['node_modules', 'dist']);

describe('named tests', () => {
  it('are titles in quotes and scenarios as code, of the paragraphs about proof alone', () => {
    const markdown = [
      '- **Happens.** It says "something else".',
      '- **Proof.** Scenarios `one`, "first\n  title", and `two-b`; "second …"; `npm run bench`.',
      '- In `npm test`: "third title".',
    ].join('\n');
    expect(namedTests(markdown)).toEqual({
      titles: ['first title', 'second …', 'third title'],
      scenarios: ['one', 'two-b'],
    });
  });

  it('match what was left out', () => {
    expect(hasTitle("it('dies at each of its steps')", 'dies … steps')).toBe(true);
    expect(hasTitle("it('dies at each of its steps')", 'lives … steps')).toBe(false);
  });
});

describe('docs/failure-modes.md', () => {
  const root = workspaceRoot();
  const read = (folders: readonly string[], ending: string) =>
    folders
      .flatMap((folder) => filesIn(join(root, folder), ending))
      .map((file) => readFileSync(file, 'utf8'))
      .join('\n');
  const { titles, scenarios } = namedTests(readFileSync(join(root, 'docs/failure-modes.md'), 'utf8'));
  const played = read(['apps/e2e/invariants/scenarios'], '.ts');
  const tests = `${played}\n${read(['apps', 'libs'], '.spec.ts')}\n${read(['libs/testing/src/conformance'], '.ts')}`;

  it('names many', () => {
    expect([titles.length > 50, scenarios.length > 12]).toEqual([true, true]);
  });

  it('names tests that exist', () => {
    expect(titles.filter((title) => !hasTitle(tests, title))).toEqual([]);
  });

  it('names scenarios that exist', () => {
    expect(scenarios.filter((name) => !hasTitle(played, nameIn(name)))).toEqual([]);
  });
});

/** Some scenarios are named by the service they are about. */
function nameIn(scenario: string): string {
  return scenario.replace(/^fail-points-(?!config-api).*/, 'fail-points-${name}');
}

function filesIn(folder: string, ending: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return NOT_OURS.has(entry.name) ? [] : filesIn(path, ending);
    return entry.name.endsWith(ending) ? [path] : [];
  });
}
