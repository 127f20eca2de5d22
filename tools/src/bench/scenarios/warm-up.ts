import { compilerShare, readCompilerTime } from '../measure/compiler-time.js';
import { usedBetween } from '../measure/process-meter.js';
import type { BenchWorld } from '../stack/bench-world.js';
import { LOG_POLL_MS, terminal } from '../stack/log-database.js';
import { untilReached } from './until.js';

const TRIES = 20;
const TRY_MS = 1_000;
const PROBE_BYTES = 64;
const MAX_ROUNDS = 8;
/** Of the round before: what costs no less will not become much cheaper. */
const WARM = 0.95;
/** Small requests, as live traffic makes them: a broker answers hundreds a second, so that its compilers see what is hot. */
const PACED = { perSecond: 400, seconds: 10 };
const MAX_PACED_ROUNDS = 15;
/** Of the broker's time. What runs for weeks has compiled what it needs. */
const COMPILED = 0.08;

/** Returns once an event of each type gets through: until then the router may not know the subscriptions yet. */
async function untilInForce(world: BenchWorld, types: readonly string[]): Promise<void> {
  for (let attempt = 1; attempt <= TRIES; attempt += 1) {
    const phase = await world.openPhase(types.length);
    await world.generator.burst({ phase, events: types.length, dataBytes: PROBE_BYTES, types });
    const read = async () => (await world.receiver.tally(phase)).distinct;
    const arrived = await untilReached(read, types.length, { signal: world.signal, everyMs: 50, stallMs: TRY_MS });
    if (arrived === types.length) return;
    // What matched nothing will not be in the log as a delivery.
    world.expectedInLog -= types.length - arrived;
  }
  throw new Error(`no event of ${types.join(', ')} got through: see the services' logs`);
}

/**
 * Lets the compilers of Node and the JVM do their work before anything is measured: on two processors, the JVM's alone take half
 * of the broker's time for the first minute. Sends the events again until a round costs about what the one before did, then
 * some at a steady pace until the broker's compilers have little left to do.
 */
export async function warmUp(world: BenchWorld, types: readonly string[], dataBytes: number, events: number) {
  const { progress, signal, meter } = world;
  await progress.during('Waiting until the subscriptions are in force', () => untilInForce(world, types));
  let lastSeconds = Infinity;
  for (let round = 1; round <= MAX_ROUNDS; round += 1) {
    const seconds = await progress.during(`Warming up with ${events} events, round ${round}`, async () => {
      const before = meter.read();
      const phase = await world.openPhase(events);
      await world.generator.burst({ phase, events, dataBytes, types });
      await untilReached(async () => (await world.receiver.tally(phase)).distinct, events, { signal });
      await untilReached(async () => terminal(await world.log.states()), world.expectedInLog, {
        signal,
        everyMs: LOG_POLL_MS,
      });
      return Object.values(usedBetween(before, meter.read())).reduce((sum, one) => sum + one, 0);
    });
    if (seconds > lastSeconds * WARM) break;
    lastSeconds = seconds;
  }
  await untilCompiled(world, types, dataBytes);
}

async function untilCompiled(world: BenchWorld, types: readonly string[], dataBytes: number): Promise<void> {
  const { perSecond, seconds } = PACED;
  for (let round = 1; round <= MAX_PACED_ROUNDS; round += 1) {
    const pid = world.brokerPid;
    if (pid === undefined) return;
    const share = await world.progress.during(`Warming up at ${perSecond} events/s, round ${round}`, async () => {
      const before = readCompilerTime(pid);
      const phase = await world.openPhase(perSecond * seconds);
      await world.generator.paced({ phase, events: perSecond * seconds, dataBytes, types, perSecond });
      await untilReached(async () => (await world.receiver.tally(phase)).distinct, perSecond * seconds, world);
      return compilerShare(before, readCompilerTime(pid));
    });
    if (share < COMPILED) return;
  }
}
