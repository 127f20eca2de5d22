import { complaint, reconcile, type Ledger } from '../measure/ledger.js';
import { monotonicMs } from '../measure/monotonic.js';
import { foreignShare, usedBetween, type CpuSeconds } from '../measure/process-meter.js';
import { toggleProfiles } from '../profile/profiler.js';
import type { BenchOptions } from '../options.js';
import type { BenchWorld } from '../stack/bench-world.js';
import { known, LOG_POLL_MS, terminal, type LogStates } from '../stack/log-database.js';
import { untilReached } from './until.js';
import { warmUp } from './warm-up.js';

export interface DrainResult {
  readonly events: number;
  readonly dataBytes: number;
  /** Written to the ingress topic. */
  readonly producedPerSecond: number;
  /** From the first event written to the last one routed. */
  readonly routedPerSecond: number;
  /** From the first request received to the last. */
  readonly deliveriesPerSecond: number;
  /** From the first request received to the last delivery terminal in the log. */
  readonly loggedPerSecond: number;
  /** From the start of the dispatcher's process to its first request. */
  readonly firstRequestAfterMs: number;
  /** Everything until all was routed and pending in the log. */
  readonly routingCpu: CpuSeconds;
  /** From the dispatcher's first request to the log's end. */
  readonly deliveringCpu: CpuSeconds;
  readonly dispatcherStartCpuSeconds: number;
  /** Of the machine, while it drained: what went to anything but the measured processes. */
  readonly foreignShare: number;
  readonly memoryBytes: Readonly<Record<string, number>>;
  readonly ledger: Ledger;
  readonly logStates: LogStates;
  readonly problems: readonly string[];
}

const TYPE = 'bench.drain';
const WARM_UP_EVENTS = 10_000;
const FIRST_REQUEST_POLL_MS = 10;

/** What waits on the topics while the dispatcher is away, and how fast it goes out when it comes back. */
export async function drain(world: BenchWorld, options: BenchOptions): Promise<DrainResult> {
  const { events, dataBytes, profiled } = options;
  const { progress, signal, services, meter } = world;
  await world.subscribe(TYPE);
  await warmUp(world, [TYPE], dataBytes, WARM_UP_EVENTS);
  const dispatcher = services.service('dispatcher');
  await progress.during('Stopping the dispatcher', () => dispatcher.stop());

  const phase = await world.openPhase(events);
  const showCount = (count: number) => {
    progress.detail(`${Math.max(0, count)} of ${events}`);
  };
  const routedBefore = await world.routed();
  const whileRouting = profiled.filter((name) => name !== 'dispatcher');
  await toggleProfiles(services, whileRouting);
  const beforeRouting = meter.read();
  const produced = await progress.during(`Writing ${events} events`, () =>
    world.generator.burst({ phase, events, dataBytes, types: [TYPE] }),
  );
  await progress.during('Routing', () =>
    untilReached(async () => (await world.routed()) - routedBefore, events, { signal, onProgress: showCount }),
  );
  const routedAtMs = monotonicMs();
  await progress.during('Logging what is pending', () =>
    untilReached(async () => known(await world.log.states()), world.expectedInLog, {
      signal,
      everyMs: LOG_POLL_MS,
    }),
  );
  const afterRouting = meter.read();
  await toggleProfiles(services, whileRouting);

  return progress.during('Draining', async () => {
    const dispatcherStartedAtMs = monotonicMs();
    await dispatcher.start();
    const received = async () => (await world.receiver.tally(phase)).distinct;
    await untilReached(received, 1, { signal, everyMs: FIRST_REQUEST_POLL_MS });
    const atFirstRequest = meter.read();
    const dispatcherStartCpuSeconds = atFirstRequest.cpu['dispatcher'] ?? 0;
    const beforeFirstRequest = {
      ...afterRouting,
      cpu: { ...afterRouting.cpu, dispatcher: dispatcherStartCpuSeconds },
    };
    await toggleProfiles(services, profiled);
    await untilReached(received, events, { signal, onProgress: showCount });
    const logged = await untilReached(async () => terminal(await world.log.states()), world.expectedInLog, {
      signal,
      everyMs: LOG_POLL_MS,
    });
    const loggedAtMs = monotonicMs();
    const afterDraining = meter.read();
    await toggleProfiles(services, profiled);

    const tally = await world.receiver.tally(phase);
    const ledger = reconcile(events, (await world.receiver.arrivals(phase)).counts);
    const perSecond = (fromMs: number, toMs: number) => events / ((toMs - fromMs) / 1_000);
    return {
      events,
      dataBytes,
      producedPerSecond: perSecond(produced.startedAtMs, produced.finishedAtMs),
      routedPerSecond: perSecond(produced.startedAtMs, routedAtMs),
      deliveriesPerSecond: perSecond(tally.firstAtMs, tally.lastAtMs),
      loggedPerSecond: perSecond(tally.firstAtMs, loggedAtMs),
      firstRequestAfterMs: tally.firstAtMs - dispatcherStartedAtMs,
      routingCpu: usedBetween(beforeRouting, afterRouting),
      deliveringCpu: usedBetween(beforeFirstRequest, afterDraining),
      dispatcherStartCpuSeconds,
      foreignShare: foreignShare(atFirstRequest, afterDraining),
      memoryBytes: meter.memory(),
      ledger,
      logStates: await world.log.states(),
      problems: [
        ...[complaint(ledger) ?? []].flat(),
        ...(logged < world.expectedInLog ? [`the log knows ${logged} of ${world.expectedInLog} as finished`] : []),
        ...(tally.strays > 0 ? [`${tally.strays} requests that nobody had sent for`] : []),
      ],
    };
  });
}
