// The rules are worth what they refuse: bad imports, linted in place of a library's index.ts by the real configuration.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { workspaceRoot } from '@hookstream/testing';

function lintAs(file: string, code: string): string {
  const eslint = join(workspaceRoot(), 'node_modules/eslint/bin/eslint.js');
  const args = [eslint, '--stdin', '--stdin-filename', file, '--format=json'];
  // Else typescript-eslint takes a single run for granted and parses what is on disk.
  const env = { ...process.env, TSESTREE_SINGLE_RUN: 'false' };
  const options = { cwd: workspaceRoot(), input: code, env, encoding: 'utf8' } as const;
  const { stdout, stderr } = spawnSync(process.execPath, args, options);
  return stdout + stderr;
}

describe('module boundaries', () => {
  it('let a pure library import no adapter, no I/O package, no Kafka client and no I/O of Node', () => {
    const imports = ['@hookstream/kafka', 'undici', 'kafkajs', 'node:net'].map((name) => `import '${name}';\n`);
    const report = lintAs('libs/engine/src/index.ts', `${imports.join('')}export {};\n`);
    expect(report).toContain('can only depend on libs tagged with');
    expect(report).toContain('is not allowed to import \\"undici\\"');
    expect(report).toContain('is not allowed to import \\"kafkajs\\"');
    expect(report).toContain("'node:net' import is restricted");
  }, 60_000);
});
