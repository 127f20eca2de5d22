// Real: the official Standard Webhooks libraries of Python and Go, got from their registries. Skipped only where a language is missing.
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { rotatedRequests } from './support/rotated-requests.js';

const folder = mkdtempSync(join(tmpdir(), 'hookstream-verifiers-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const requests = rotatedRequests();
const isThere = (command: string, ...args: string[]) => spawnSync(command, args).status === 0;
const inLanguage = (command: string, ...args: string[]) => (isThere(command, ...args) ? it : it.skip);
const source = (name: string) => join(import.meta.dirname, 'verifiers', name);
const verdicts = (command: string, args: readonly string[], env: Readonly<Record<string, string>>): unknown =>
  JSON.parse(
    execFileSync(command, args, {
      cwd: folder,
      input: JSON.stringify(requests),
      env: { ...process.env, ...env },
      encoding: 'utf8',
    }),
  );

const expected = requests.map(({ verifies }) => verifies);
const TIMEOUT_MS = 180_000;

describe('a request in both windows of a rotation', () => {
  inLanguage(
    'python3',
    '-m',
    'pip',
    '--version',
  )(
    'is judged rightly by the Python library, with either secret',
    () => {
      const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--root-user-action=ignore'];
      execFileSync('python3', [...pip, '--target', folder, 'standardwebhooks==1.1.0']);
      expect(verdicts('python3', [source('verify.py')], { PYTHONPATH: folder })).toEqual(expected);
    },
    TIMEOUT_MS,
  );

  inLanguage('go', 'version')(
    'is judged rightly by the Go library, with either secret',
    () => {
      copyFileSync(source('verify.go'), join(folder, 'verify.go'));
      writeFileSync(join(folder, 'go.mod'), 'module verify\n\ngo 1.21\n');
      execFileSync('go', ['get', 'github.com/standard-webhooks/standard-webhooks/libraries@v0.0.1'], {
        cwd: folder,
        stdio: 'ignore',
      });
      expect(verdicts('go', ['run', 'verify.go'], {})).toEqual(expected);
    },
    TIMEOUT_MS,
  );
});
