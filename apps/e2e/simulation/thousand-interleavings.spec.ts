import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../../..');

/** `npm run simulate` over the built engine; a broken promise rejects with the last lines of the trace and the seed. */
async function simulate(scenario: string, seeds: number, from = 1): Promise<string> {
  const args = [
    join(root, 'tools/dist/simulate.js'),
    '--scenario',
    scenario,
    '--seeds',
    `${seeds}`,
    '--from',
    `${from}`,
    '--seconds',
    '240',
  ];
  const { stdout } = await run(process.execPath, args, { cwd: root, maxBuffer: 64 * 1024 * 1024 });
  return stdout;
}

/** Two processes at once: as many as a small machine has cores. */
const PAIRS = [
  [
    'the dispatcher under every fault',
    'engine-under-faults',
    150,
    'with processes that come and go',
    'engine-rebalancing',
    100,
  ],
  [
    'the dispatcher restarted in good order',
    'engine-rolling',
    100,
    'with processes that are stopped and wake',
    'engine-frozen',
    100,
  ],
] as const;

describe('a thousand interleavings in simulated processes', () => {
  it.each(PAIRS)(
    'keep every promise: %s (%s, %i seeds) and %s (%s, %i seeds)',
    async (_a, first, firstSeeds, _b, second, secondSeeds) => {
      const [one, other] = await Promise.all([simulate(first, firstSeeds), simulate(second, secondSeeds)]);
      expect(one).toMatch(new RegExp(`${firstSeeds} runs in .* · 0 failed`));
      expect(other).toMatch(new RegExp(`${secondSeeds} runs in .* · 0 failed`));
    },
  );

  it('keep the promises of the log itself', async () => {
    const halves = await Promise.all([simulate('log-promises', 275), simulate('log-promises', 275, 276)]);
    for (const half of halves) expect(half).toMatch(/275 runs in .* · 0 failed/);
  });
});
