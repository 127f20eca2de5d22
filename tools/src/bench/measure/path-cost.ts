import { sumUsed, type CpuSeconds } from './process-meter.js';

/** Processes of the benchmark itself: shown, but no part of the path. */
const OWN = ['generator', 'receiver'];

/** Processor milliseconds per delivery (the same figure as seconds per 1,000), by process. */
export type CostPerDelivery = Readonly<Record<string, number>>;

export function costPerDelivery(deliveries: number, ...used: readonly CpuSeconds[]): CostPerDelivery {
  return Object.fromEntries(
    Object.entries(sumUsed(...used)).map(([name, seconds]) => [name, (seconds * 1_000) / deliveries]),
  );
}

/** Of all that stands between the producer and the receiver, broker and database too. */
export function wholePath(cost: CostPerDelivery): number {
  return Object.entries(cost).reduce((sum, [name, ms]) => (OWN.includes(name) ? sum : sum + ms), 0);
}
