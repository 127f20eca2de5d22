import type { BenchWorld } from '../stack/bench-world.js';
import { LOG_POLL_MS, terminal } from '../stack/log-database.js';
import { untilReached } from './until.js';

const TRIES = 20;
const TRY_MS = 1_000;
const PROBE_BYTES = 64;

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

/** Lets the compilers of Node and the JVM do their work before anything is measured. */
export async function warmUp(world: BenchWorld, types: readonly string[], dataBytes: number, events: number) {
  const { progress, signal } = world;
  await progress.during(`Warming up with ${events} events`, async () => {
    await untilInForce(world, types);
    const phase = await world.openPhase(events);
    await world.generator.burst({ phase, events, dataBytes, types });
    await untilReached(async () => (await world.receiver.tally(phase)).distinct, events, { signal });
    await untilReached(async () => terminal(await world.log.states()), world.expectedInLog, {
      signal,
      everyMs: LOG_POLL_MS,
    });
  });
}
