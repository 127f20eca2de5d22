import { complaint, reconcile, type Ledger } from '../measure/ledger.js';
import { medianBy } from '../measure/median.js';
import { costPerDelivery, wholePath } from '../measure/path-cost.js';
import { foreignShare, usedBetween, type CpuSeconds } from '../measure/process-meter.js';
import { toggleProfiles } from '../profile/profiler.js';
import type { BenchOptions } from '../options.js';
import type { BenchWorld } from '../stack/bench-world.js';
import { LOG_POLL_MS, terminal } from '../stack/log-database.js';
import { untilReached } from './until.js';
import { warmUp } from './warm-up.js';

export interface PathResult {
  readonly events: number;
  readonly dataBytes: number;
  /** From the first request received to the last. */
  readonly deliveriesPerSecond: number;
  /** From the first event written until all deliveries are finished in the log. */
  readonly cpu: CpuSeconds;
  /** Of the machine, meanwhile: what went to anything but the measured processes. */
  readonly foreignShare: number;
  readonly memoryBytes: Readonly<Record<string, number>>;
  readonly ledger: Ledger;
  /** Processor time per delivery of each round; all else is of the one in the middle. */
  readonly roundsMs: readonly number[];
  readonly problems: readonly string[];
}

type Round = Omit<PathResult, 'roundsMs'>;

const TYPE = 'bench.path';
const WARM_UP_EVENTS = 20_000;
/** Equal rounds differ by up to a quarter on a machine with neighbours. */
const ROUNDS = 3;

/** The whole path, topic to log, with every service running: as many events at once as it takes. */
export async function path(world: BenchWorld, options: BenchOptions): Promise<PathResult> {
  const { events, dataBytes, profiled } = options;
  const { progress, services } = world;
  await world.subscribe(TYPE);
  await warmUp(world, [TYPE], dataBytes, WARM_UP_EVENTS);

  const rounds: Round[] = [];
  await toggleProfiles(services, profiled);
  for (let round = 1; round <= ROUNDS; round += 1) {
    const title = `Sending ${events} events the whole path, round ${round} of ${ROUNDS}`;
    rounds.push(await progress.during(title, () => measureRound(world, options)));
  }
  await toggleProfiles(services, profiled);
  const costMs = ({ cpu }: Round) => wholePath(costPerDelivery(events, cpu));
  return {
    ...medianBy(rounds, costMs),
    roundsMs: rounds.map(costMs),
    problems: rounds.flatMap(({ problems }) => problems),
  };
}

async function measureRound(world: BenchWorld, { events, dataBytes }: BenchOptions): Promise<Round> {
  const { signal, meter } = world;
  const phase = await world.openPhase(events);
  const before = meter.read();
  await world.generator.burst({ phase, events, dataBytes, types: [TYPE] });
  await untilReached(async () => (await world.receiver.tally(phase)).distinct, events, { signal });
  const finished = async () => terminal(await world.log.states());
  const logged = await untilReached(finished, world.expectedInLog, { signal, everyMs: LOG_POLL_MS });
  const after = meter.read();

  const tally = await world.receiver.tally(phase);
  const ledger = reconcile(events, (await world.receiver.arrivals(phase)).counts);
  return {
    events,
    dataBytes,
    deliveriesPerSecond: events / ((tally.lastAtMs - tally.firstAtMs) / 1_000),
    cpu: usedBetween(before, after),
    foreignShare: foreignShare(before, after),
    memoryBytes: meter.memory(),
    ledger,
    problems: [
      ...[complaint(ledger) ?? []].flat(),
      ...(logged < world.expectedInLog ? [`the log knows ${logged} of ${world.expectedInLog} as finished`] : []),
    ],
  };
}
