// Real: the official libraries of Standard Webhooks in Python and Go and of CloudEvents in Python, got from their registries. Skipped only where a language is missing.
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { renderPayload } from '@hookstream/rendering';
import { rotatedRequests } from './support/rotated-requests.js';

const folder = mkdtempSync(join(tmpdir(), 'hookstream-verifiers-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const requests = rotatedRequests();
const isThere = (command: string, ...args: string[]) => spawnSync(command, args).status === 0;
const inLanguage = (command: string, ...args: string[]) => (isThere(command, ...args) ? it : it.skip);
const source = (name: string) => join(import.meta.dirname, 'verifiers', name);
const answerOf = (command: string, args: readonly string[], input: unknown): unknown =>
  JSON.parse(
    execFileSync(command, args, {
      cwd: folder,
      input: JSON.stringify(input),
      env: { ...process.env, PYTHONPATH: folder },
      encoding: 'utf8',
    }),
  );
const installForPython = (library: string) => {
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--root-user-action=ignore'];
  execFileSync('python3', [...pip, '--target', folder, library], { stdio: ['ignore', 'ignore', 'pipe'] });
};
const inPython = inLanguage('python3', '-m', 'pip', '--version');

const expected = requests.map(({ verifies }) => verifies);
const TIMEOUT_MS = 180_000;

describe('a request in both windows of a rotation', () => {
  inPython(
    'is judged rightly by the Python library, with either secret',
    () => {
      installForPython('standardwebhooks==1.1.0');
      expect(answerOf('python3', [source('verify.py')], requests)).toEqual(expected);
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
      expect(answerOf('go', ['run', 'verify.go'], requests)).toEqual(expected);
    },
    TIMEOUT_MS,
  );
});

describe('a CloudEvent', () => {
  inPython(
    'is read by the Python library in both modes, with the attribute that the specification encodes in percents',
    () => {
      installForPython('cloudevents==2.2.0');
      const event = {
        ...{ id: 'inv-7', source: '/billing', type: 'invoice.submitted', time: '2022-11-03T20:26:10.344522Z' },
        // The example of the HTTP binding, §3.1.3.2.
        subject: 'Euro € 😀',
        contentType: 'application/json',
        extensions: { region: 'Zürich "100%"' },
        data: Buffer.from('{"amount":12.5,"name":"Müller"}'),
      };
      const sent = (['cloudevents-binary', 'cloudevents-structured'] as const).map((format) => {
        const rendered = renderPayload(format, event);
        if (!rendered.ok) throw new Error(rendered.detail);
        const { body, contentType, headers } = rendered;
        return { headers: { ...headers, 'content-type': contentType }, body: body.toString() };
      });
      expect(sent[0]?.headers).toMatchObject({ 'ce-subject': 'Euro%20%E2%82%AC%20%F0%9F%98%80' });
      const read = {
        ...{ specversion: '1.0', id: 'inv-7', source: '/billing', type: 'invoice.submitted', subject: 'Euro € 😀' },
        ...{ time: '2022-11-03 20:26:10.344522+00:00', datacontenttype: 'application/json', region: 'Zürich "100%"' },
        data: { amount: 12.5, name: 'Müller' },
      };
      expect(answerOf('python3', [source('read-cloud-events.py')], sent)).toEqual([read, read]);
    },
    TIMEOUT_MS,
  );
});
