import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually, ScriptedReceiver, workspaceRoot } from '@hookstream/testing';
import { differenceFromShown, openShell, readGuide, type GuideStep } from '../support/guide.js';
import { startWorld, type World } from '../support/world.js';

const folder = join(workspaceRoot(), 'docs/guides');
const guides = readdirSync(folder).filter((name) => name.endsWith('.md'));

// Real: all five services as processes, Kafka, PostgreSQL, bash, curl, jq, a receiver.
describe('the guides', () => {
  let world: World;
  let receiver: ScriptedReceiver;

  beforeAll(async () => {
    world = await startWorld();
    receiver = await ScriptedReceiver.start(({ path }) => ({ status: path === '/status-204' ? 204 : 200 }));
  });
  afterAll(async () => {
    await receiver.close();
    await world.stop();
  });

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

function onlyReads({ script }: GuideStep): boolean {
  return !/ -d | -X /.test(script);
}
