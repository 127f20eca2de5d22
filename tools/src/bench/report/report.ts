import type { Ledger } from '../measure/ledger.js';
import { costPerDelivery, wholePath, type CostPerDelivery } from '../measure/path-cost.js';
import type { BaselineResult } from '../scenarios/baseline.js';
import type { ConfigResult } from '../scenarios/config.js';
import type { DelaysResult } from '../scenarios/delays.js';
import type { DrainResult } from '../scenarios/drain.js';
import type { IsolationResult } from '../scenarios/isolation.js';
import type { PathResult } from '../scenarios/path.js';
import type { PropagationResult } from '../scenarios/propagation.js';
import type { FormatsResult } from '../scenarios/formats.js';
import type { RoutingResult } from '../scenarios/routing.js';
import type { StepResult } from '../scenarios/paced-step.js';
import type { ThroughputResult } from '../scenarios/throughput.js';
import type { WaitingResult } from '../scenarios/waiting.js';
import { configLines } from './config-lines.js';
import { delayLines } from './delay-lines.js';
import { isolationLines } from './isolation-lines.js';
import { propagationLines } from './propagation-lines.js';
import { formatsLines } from './formats-lines.js';
import { routingLines } from './routing-lines.js';
import { figure, table } from './table.js';
import { waitingLines } from './waiting-lines.js';

export interface BenchResults {
  readonly path?: PathResult;
  readonly drain?: DrainResult;
  readonly throughput?: ThroughputResult;
  readonly baseline?: BaselineResult;
  readonly isolation?: IsolationResult;
  readonly delays?: DelaysResult;
  readonly waiting?: WaitingResult;
  readonly propagation?: PropagationResult;
  readonly config?: ConfigResult;
  readonly routing?: RoutingResult;
  readonly formats?: FormatsResult;
}

/** Above it a figure says more about the neighbours than about us. */
const DISTURBING_SHARE = 0.1;
const MEBIBYTE = 1_048_576;

/** What a run has found, for a terminal. */
export function report(results: BenchResults): string[] {
  const { path, drain, throughput, baseline, isolation, delays, waiting, propagation, config, routing } = results;
  return [
    ...(path ? pathLines(path) : []),
    ...(drain ? drainLines(drain) : []),
    ...(throughput ? throughputLines(throughput) : []),
    ...(baseline ? baselineLines(baseline) : []),
    ...costLines(results),
    ...(isolation ? isolationLines(isolation) : []),
    ...(delays ? delayLines(delays) : []),
    ...(waiting ? waitingLines(waiting) : []),
    ...(propagation ? propagationLines(propagation) : []),
    ...(config ? configLines(config) : []),
    ...(routing ? routingLines(routing) : []),
    ...(results.formats ? formatsLines(results.formats) : []),
  ];
}

/** Whatever makes the figures worth nothing. */
export function problemsOf(results: BenchResults): string[] {
  const sections: Readonly<Record<string, { readonly problems: readonly string[] } | undefined>> = { ...results };
  return Object.entries(sections).flatMap(([name, result]) =>
    (result?.problems ?? []).map((problem) => `${name}: ${problem}`),
  );
}

function pathLines(path: PathResult): string[] {
  return [
    '',
    `path: ${path.events} events of ${path.dataBytes} bytes at once, one subscription, one receiver`,
    `  ${figure(path.deliveriesPerSecond)} deliveries/s; ${ledgerText(path.ledger)}`,
    `  the median of ${path.roundsMs.length} rounds: ${path.roundsMs.map(figure).join(', ')} ms of processor time each`,
    ...disturbance(path.foreignShare),
  ];
}

function drainLines(drain: DrainResult): string[] {
  const states = Object.entries(drain.logStates).map(([state, count]) => `${count} ${state}`);
  return [
    '',
    `drain: ${drain.events} events of ${drain.dataBytes} bytes, one subscription, one receiver`,
    ...table([
      ['  written to the topic', `${figure(drain.producedPerSecond)}/s`],
      ['  routed', `${figure(drain.routedPerSecond)}/s`],
      ['  delivered', `${figure(drain.deliveriesPerSecond)}/s`],
      ['  until finished in the log', `${figure(drain.loggedPerSecond)}/s`],
      ['  dispatcher started → first request', `${figure(drain.firstRequestAfterMs)} ms`],
    ]),
    `  ${ledgerText(drain.ledger)}; in the log since the run began: ${states.join(', ')}`,
    ...disturbance(drain.foreignShare),
  ];
}

function throughputLines(throughput: ThroughputResult): string[] {
  const { steps, steady, sustainedPerSecond, subscriptions } = throughput;
  const rows = steps.map((step) => [...latencyRow(step), step.held ? 'held' : 'not held']);
  return [
    '',
    `throughput: open loop, ${subscriptions} subscriptions, one receiver; latency in ms from the scheduled moment to the arrival`,
    ...table([['  events/s', 'p50', 'p90', 'p99', 'max', 'log behind', 'generator late', ''], ...rows]),
    ...(sustainedPerSecond === undefined ? [] : [`  sustained: ${figure(sustainedPerSecond)} deliveries/s`]),
    ...(steady
      ? [
          ...disturbance(throughput.foreignShare),
          `  at ${steady.perSecond}/s: p50 ${figure(steady.latency.p50)} ms, p99 ${figure(steady.latency.p99)} ms; ${ledgerText(steady.ledger)}`,
        ]
      : []),
  ];
}

function latencyRow({ perSecond, latency, logBehindMs, generatorLagMs }: StepResult): string[] {
  const { p50, p90, p99, max } = latency;
  return [`  ${perSecond}`, ...[p50, p90, p99, max, logBehindMs, generatorLagMs].map(figure)];
}

function baselineLines(baseline: BaselineResult): string[] {
  return [
    '',
    `baseline: ${baseline.requests} requests by undici alone, signed, 64 in flight, to the same receiver`,
    `  ${figure(baseline.requestsPerSecond)}/s, ${figure(baseline.cpuMsPerRequest)} ms of processor time each; ${ledgerText(baseline.ledger)}`,
    `  the median of ${baseline.roundsMs.length} rounds: ${baseline.roundsMs.map(figure).join(', ')} ms`,
  ];
}

function costLines({ path, drain, throughput, baseline }: BenchResults): string[] {
  const columns: { title: string; cost: CostPerDelivery }[] = [];
  if (path) columns.push({ title: 'path', cost: costPerDelivery(path.events, path.cpu) });
  if (drain) {
    const { events, routingCpu, deliveringCpu } = drain;
    columns.push({ title: 'routing', cost: costPerDelivery(events, routingCpu) });
    columns.push({ title: 'delivering', cost: costPerDelivery(events, deliveringCpu) });
    columns.push({ title: 'drain', cost: costPerDelivery(events, routingCpu, deliveringCpu) });
  }
  if (throughput?.steady) {
    const { perSecond, events } = throughput.steady;
    columns.push({ title: `at ${perSecond}/s`, cost: costPerDelivery(events, throughput.steadyCpu) });
  }
  if (columns.length === 0) return [];

  const memory = throughput?.memoryBytes ?? drain?.memoryBytes ?? path?.memoryBytes ?? {};
  const names = [...new Set(columns.flatMap(({ cost }) => Object.keys(cost)))];
  const rows = names.map((name) => [
    `  ${name}`,
    ...columns.map(({ cost }) => figure(cost[name])),
    `${figure((memory[name] ?? NaN) / MEBIBYTE)} MiB`,
    ...(throughput ? [`${figure((throughput.idleCpu[name] ?? NaN) * 100)} %`] : []),
  ]);
  const totals = columns.map(({ cost }) => wholePath(cost));
  const bare = baseline?.cpuMsPerRequest;
  return [
    '',
    'processor time, ms per delivery (= seconds per 1,000); memory at the end' +
      (throughput ? '; idle: share of one processor' : ''),
    ...table([
      ['', ...columns.map(({ title }) => title), 'memory', ...(throughput ? ['idle'] : [])],
      ...rows,
      ['  whole path (without generator and receiver)', ...totals.map(figure)],
      ...(bare === undefined ? [] : [['  ÷ undici alone', ...totals.map((total) => `${figure(total / bare)} ×`)]]),
    ]),
  ];
}

function disturbance(share: number): string[] {
  if (share <= DISTURBING_SHARE) return [];
  return [`  disturbed: other processes had ${figure(share * 100)} % of this machine meanwhile`];
}

function ledgerText({ missing, duplicates }: Ledger): string {
  return `missing ${missing.length}, duplicates ${duplicates}`;
}
