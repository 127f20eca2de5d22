import { appendFileSync, mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { LocalKafka, LocalPostgres } from '@hookstream/testing';
import type { OwnBackends, Scenario } from '../invariants/scenarios/scenario.js';
import { readBooks } from './books/books.js';
import { reconcile, type Ledger } from './books/reconcile.js';
import { Stage } from './stage.js';
import { startWorld } from './world.js';

export interface Run {
  readonly seed: number;
  /** Default: the scenario's own. */
  readonly events?: number;
  /** Where its books and the services' logs stay. Default: a temporary folder. */
  readonly folder?: string;
  /** One line is added per run. */
  readonly resultsFile?: string;
}

/** Plays one scenario in a world of its own, closes the books and reads them. */
export async function playScenario(scenario: Scenario, { seed, events, folder, resultsFile }: Run): Promise<Ledger> {
  const place =
    folder === undefined ? mkdtempSync(join(tmpdir(), 'invariants-')) : join(folder, `${scenario.name}-${seed}`);
  const backends = scenario.needs === 'own backends' ? await startBackends() : undefined;
  try {
    const ledger = await playIn(place, scenario, { seed, events: events ?? scenario.events }, backends);
    if (resultsFile !== undefined) {
      mkdirSync(dirname(resultsFile), { recursive: true });
      appendFileSync(resultsFile, `${JSON.stringify({ scenario: scenario.name, seed, ...ledger })}\n`);
    }
    return ledger;
  } finally {
    await Promise.all([backends?.kafka.kill(), backends?.postgres.stop()]);
  }
}

async function playIn(
  folder: string,
  scenario: Scenario,
  run: { readonly seed: number; readonly events: number },
  backends: OwnBackends | undefined,
): Promise<Ledger> {
  const urls = backends && { brokers: backends.kafka.brokers, databaseUrl: backends.postgres.url('postgres') };
  const world = await startWorld({ logDir: join(folder, 'logs'), ...(urls && { backends: urls }) });
  const stage = new Stage(world, { folder, perSecond: scenario.perSecond, ...run });
  try {
    await scenario.play(stage, backends);
    await stage.settle();
  } finally {
    await stage.conclude().finally(() => world.stop());
  }
  const books = readBooks(join(folder, 'books'));
  const ledger = reconcile(books);
  return { ...ledger, problems: [...ledger.problems, ...(scenario.problems?.(books) ?? [])] };
}

async function startBackends(): Promise<OwnBackends> {
  const folder = mkdtempSync(join(tmpdir(), 'backends-'));
  const [kafka, postgres] = await Promise.all([
    LocalKafka.start({ dataDir: join(folder, 'kafka') }),
    LocalPostgres.start({
      dataDir: join(folder, 'postgres'),
      logFile: join(folder, 'postgres.log'),
      password: 'hookstream',
    }),
  ]);
  return { kafka, postgres };
}
