import { BareSender } from '../children/bare-sender.js';
import { complaint, reconcile, type Ledger } from '../measure/ledger.js';
import { medianBy } from '../measure/median.js';
import { ProcessMeter, usedBetween } from '../measure/process-meter.js';
import type { BenchOptions } from '../options.js';
import type { BenchWorld } from '../stack/bench-world.js';
import { CONCURRENCY } from '../stack/subscribe.js';

export interface BaselineResult {
  readonly requests: number;
  readonly requestsPerSecond: number;
  readonly cpuMsPerRequest: number;
  readonly ledger: Ledger;
  /** Processor time per request of each round; all else is of the one in the middle. */
  readonly roundsMs: readonly number[];
  readonly problems: readonly string[];
}

type Round = Omit<BaselineResult, 'roundsMs'>;

const NAME = 'bare sender';
const WARM_UP_REQUESTS = 5_000;
const ROUNDS = 3;

/** The same requests by undici alone, to the same receiver: what no path through a log can be cheaper than. */
export async function baseline(world: BenchWorld, { events, dataBytes }: BenchOptions): Promise<BaselineResult> {
  const sender = await BareSender.start();
  try {
    return await world.progress.during(`Sending ${events} requests by undici alone`, async () => {
      const meter = new ProcessMeter(() => ({ [NAME]: sender.child.pid }));
      const url = `http://127.0.0.1:${world.receiver.port}/bare`;
      const send = async (requests: number) => {
        const phase = await world.openBarePhase(requests);
        return { phase, ...(await sender.send({ url, phase, requests, inFlight: CONCURRENCY, dataBytes })) };
      };
      const measureRound = async (): Promise<Round> => {
        const before = meter.read();
        const { phase, startedAtMs, finishedAtMs, failed } = await send(events);
        const cpuSeconds = usedBetween(before, meter.read())[NAME] ?? NaN;
        const ledger = reconcile(events, (await world.receiver.arrivals(phase)).counts);
        return {
          requests: events,
          requestsPerSecond: events / ((finishedAtMs - startedAtMs) / 1_000),
          cpuMsPerRequest: (cpuSeconds * 1_000) / events,
          ledger,
          problems: [...[complaint(ledger) ?? []].flat(), ...(failed > 0 ? [`${failed} requests failed`] : [])],
        };
      };
      await send(WARM_UP_REQUESTS);
      const rounds: Round[] = [];
      for (let round = 1; round <= ROUNDS; round += 1) rounds.push(await measureRound());
      const costMs = ({ cpuMsPerRequest }: Round) => cpuMsPerRequest;
      return {
        ...medianBy(rounds, costMs),
        roundsMs: rounds.map(costMs),
        problems: rounds.flatMap(({ problems }) => problems),
      };
    });
  } finally {
    await sender.child.stop();
  }
}
