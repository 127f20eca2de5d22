// Real: the samples of docs/receivers, each as a process in its language, and HTTP. The requests are built as the dispatcher builds them.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { eventually, freePort, workspaceRoot } from '@hookstream/testing';
import { ReceiverSample } from './support/receiver-sample.js';
import { KEYS, requestOf } from './support/rotated-requests.js';

const MINUTE_MS = 60_000;
const sample = (name: string) => join(workspaceRoot(), 'docs/receivers', name);
const php = ['php', sample('receiver.php')];

interface Language {
  readonly name: string;
  /** Tells whether the language is there. */
  readonly version: readonly string[];
  readonly start: (port: number) => readonly string[];
  /** Where what was kept is handled by another command. */
  readonly work?: readonly string[];
}

const LANGUAGES: readonly Language[] = [
  { name: 'Node', version: [process.execPath, '-v'], start: () => [process.execPath, sample('receiver.mjs')] },
  { name: 'Python', version: ['python3', '-c', 'import sqlite3'], start: () => ['python3', sample('receiver.py')] },
  { name: 'Go', version: ['go', 'version'], start: () => ['go', 'run', sample('receiver.go')] },
  {
    ...{ name: 'PHP', version: ['php', '-v'], work: php },
    start: (port) => ['php', '-S', `127.0.0.1:${port}`, sample('receiver.php')],
  },
];

const folder = mkdtempSync(join(tmpdir(), 'hookstream-receivers-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function requestAt(nowMs: number, formerEndsAtMs = nowMs, delivery: `dlv_${string}` = 'dlv_1') {
  const { headers, body } = requestOf('standard-webhooks', [null, formerEndsAtMs], nowMs, delivery);
  return { headers: { ...headers }, body: body.toString() };
}

describe('a receiver of docs/receivers', () => {
  for (const { name, version, start, work } of LANGUAGES) {
    const [command = '', ...args] = version;
    const isThere = spawnSync(command, args).status === 0;
    const claim = 'takes what is signed by either secret and of now, refuses the rest, and handles each delivery once';
    (isThere ? it : it.skip)(
      `in ${name}${isThere ? '' : ' (which is not on this machine)'} ${claim}`,
      async () => {
        const port = name === 'PHP' ? await freePort() : 0;
        const env = {
          ...process.env,
          PORT: String(port),
          INBOX: join(folder, name),
          WEBHOOK_SECRET: `whsec_${KEYS.former.toString('base64')}`,
        };
        const receiver = await ReceiverSample.start(start(port), env);
        const handled = () => {
          if (!work) return receiver.handled;
          return execFileSync(work[0] ?? '', work.slice(1), { env, encoding: 'utf8' })
            .split('\n')
            .filter(Boolean);
        };
        try {
          const nowMs = Date.now();
          const genuine = requestAt(nowMs, nowMs + MINUTE_MS);
          const { 'webhook-signature': _, ...unsigned } = genuine.headers;
          const refused = [
            { ...genuine, body: genuine.body.replace('7', '8') },
            { ...genuine, headers: { ...genuine.headers, 'webhook-id': 'dlv_2' } },
            { ...genuine, headers: unsigned },
            { ...genuine, headers: { ...genuine.headers, 'webhook-signature': 'v1,', 'webhook-timestamp': 'now' } },
            requestAt(nowMs - 6 * MINUTE_MS, nowMs),
            requestAt(nowMs + 6 * MINUTE_MS, nowMs + 7 * MINUTE_MS),
            // The rotation is over: signed by the newest alone, which this receiver does not have.
            requestAt(nowMs),
          ];
          for (const { headers, body } of refused) expect(await receiver.post(headers, body)).toBe(401);

          const again = requestAt(nowMs + 1_000, nowMs + MINUTE_MS);
          const next = requestAt(nowMs, nowMs + MINUTE_MS, 'dlv_2');
          for (const { headers, body } of [genuine, again, genuine, next]) {
            expect(await receiver.post(headers, body)).toBe(204);
          }
          const expected = ['handled dlv_1 invoice.submitted', 'handled dlv_2 invoice.submitted'];
          await eventually(() => expect([...handled()].sort()).toEqual(expected));
          if (work) expect(handled()).toEqual([]);
        } finally {
          await receiver.stop();
        }

        if (work) return;
        // What was handled is not handled again by the next process, and a repeat is still known.
        const restarted = await ReceiverSample.start(start(port), env);
        const { headers, body } = requestAt(Date.now(), Date.now() + MINUTE_MS);
        expect(await restarted.post(headers, body)).toBe(204);
        const third = requestAt(Date.now(), Date.now() + MINUTE_MS, 'dlv_3');
        expect(await restarted.post(third.headers, third.body)).toBe(204);
        // The one it was at when it was stopped may be handled once more, as after a crash; the one before may not.
        const after = () => restarted.handled.filter((line) => line !== 'handled dlv_2 invoice.submitted');
        await eventually(() => expect(after()).toEqual(['handled dlv_3 invoice.submitted']));
        await restarted.stop();
      },
      180_000,
    );
  }
});
