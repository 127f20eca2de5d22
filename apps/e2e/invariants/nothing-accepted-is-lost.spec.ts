import { describe, expect, it } from '@jest/globals';
import { playScenario } from '../support/play-scenario.js';
import { chosenScenarios } from './scenarios/index.js';

// Real: all five services as processes, Kafka, PostgreSQL, receivers, and every signal. Seeded: when and whom it hits.
// `npm run test:invariants` sets these; `npm test` plays the short ones.
const settings = {
  wanted: process.env['HOOKSTREAM_INVARIANTS'] ?? 'short',
  seed: Number(process.env['HOOKSTREAM_TEST_SEED'] ?? Math.floor(Math.random() * 1_000_000)),
  events: process.env['HOOKSTREAM_TEST_EVENTS'],
  folder: process.env['HOOKSTREAM_INVARIANTS_FOLDER'],
};

const TIMEOUT_MS = 900_000;

describe(`nothing accepted is lost (seed ${settings.seed})`, () => {
  it.each(chosenScenarios(settings.wanted).map((scenario) => [scenario.title, scenario] as const))(
    '%s',
    async (_title, scenario) => {
      const { seed, events, folder } = settings;
      const ledger = await playScenario(scenario, {
        seed,
        ...(events !== undefined && { events: Number(events) }),
        ...(folder !== undefined && { folder, resultsFile: `${folder}/results.ndjson` }),
      });
      console.info(`${scenario.name}, seed ${seed}: ${JSON.stringify(ledger)}`);
      expect(ledger.problems).toEqual([]);
    },
    TIMEOUT_MS,
  );
});
