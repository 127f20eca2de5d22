import { execFile, spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually, ScriptedReceiver, workspaceRoot } from '@hookstream/testing';
import { differenceFromShown, openShell, readGuide, type GuideStep } from '../support/guide.js';
import { playSchemes } from '../support/schemes/play-schemes.js';
import { SCHEMES } from '../support/schemes/scheme-cases.js';
import { startWorld, type World } from '../support/world.js';
import type { Page } from '../support/api-client.js';

const folder = join(workspaceRoot(), 'docs/guides');
const guides = readdirSync(folder).filter((name) => name.endsWith('.md'));

// Real: all five services as processes, Kafka, PostgreSQL, receivers; for the guides bash, curl and jq.
let world: World;

beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

describe('the guides', () => {
  let receiver: ScriptedReceiver;

  beforeAll(async () => {
    receiver = await ScriptedReceiver.start(({ path }) => ({ status: path === '/status-204' ? 204 : 200 }));
  });
  afterAll(() => receiver.close());

  it('are there', () => expect(guides.length).toBeGreaterThanOrEqual(3));

  // The guides are for people who have jq; nothing else here needs it.
  const withJq = spawnSync('jq', ['--version']).status === 0 ? it : it.skip;
  withJq.each(guides)('%s: every command does what it says', async (name) => {
    const { url, apiKey } = world.stack;
    const run = openShell({ HOOKSTREAM_URL: url, HOOKSTREAM_API_KEY: apiKey, RECEIVER: receiver.url('') });
    for (const step of readGuide(join(folder, name))) {
      const attempt = async () => {
        const output = await run(step.script);
        if (step.shown === undefined) return;
        const difference = differenceFromShown(step.shown, JSON.parse(output));
        if (difference !== undefined) throw new Error(`${name}\n${step.script}${difference}`);
      };
      // What only reads may be asked again: what it tells may come about in a moment.
      await (onlyReads(step) ? eventually(attempt, { timeoutMs: 30_000 }) : attempt());
    }
  });
});

describe('npm run demo -- <profile>', () => {
  const demo = (profile: string) =>
    promisify(execFile)(process.execPath, [join(workspaceRoot(), 'tools/dist/demo.js'), profile], {
      timeout: 90_000,
      env: { ...process.env, HOOKSTREAM_URL: world.stack.url, HOOKSTREAM_API_KEY: world.stack.apiKey },
    });

  it('shows, for every profile, requests that arrive and verify, and what the log says, and leaves nothing', async () => {
    const { body } = await world.api.call<Page<{ readonly name: string }>>('GET', '/v1/profiles');
    expect(body.data.length).toBeGreaterThanOrEqual(6);
    await Promise.all(
      body.data.map(async ({ name }) => {
        const { stdout } = await demo(name);
        expect(stdout).toMatch(new RegExp(`(POST|PUT) /${name} HTTP/1.1\\n`));
        expect(stdout).toMatch(/→ verified by .*; answered 200/);
        expect(stdout).toMatch(/the log: dlv_\w+ \(.*\) delivered; attempt 1: 200/);
      }),
    );
    const { body: left } = await world.api.call<Page<unknown>>('GET', '/v1/subscriptions?limit=200');
    expect(JSON.stringify(left.data)).not.toContain('demo: ');
  });

  it('tells which profiles there are when asked for another', async () => {
    const stderr = expect.stringMatching(/no profile "gitlab"[\s\S]*npm run demo -- github/) as unknown;
    await expect(demo('gitlab')).rejects.toMatchObject({ stderr });
  });
});

describe('a receiver of every signature, authentication and format', () => {
  it('finds genuine what came from Kafka to it, and one that wants a certificate lets nobody in without', async () => {
    const { 'mtls-without-certificate': refused, ...states } = await playSchemes(world);
    const expected = [...SCHEMES.map(({ name }) => name), 'mtls'].map((name) => [name, 'delivered']);
    expect(states).toEqual(Object.fromEntries(expected));
    expect(refused).toBe('exhausted');
  });
});

function onlyReads({ script }: GuideStep): boolean {
  return !/ -d | -X /.test(script);
}
