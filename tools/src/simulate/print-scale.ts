import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { runScale, type ScaleOptions, type ScaleReport } from '@hookstream/simulator';

const MIB = 1_048_576;

/** Runs the scale scenario and prints what it costs, beside the same traffic with all endpoints healthy. */
export async function printScale(options: ScaleOptions): Promise<void> {
  // So that memory is measured without what is only not collected yet.
  setFlagsFromString('--expose-gc');
  const collectGarbage = () => void runInNewContext('gc()');
  const { down, flapping, slow } = options.sickness;
  console.log(
    `${options.subscriptions} subscriptions, ${options.deliveriesPerSecond} deliveries/s by Zipf's law for ` +
      `${options.durationMs / 1_000} s of virtual time; ${100 * down} % of the endpoints are down (half of them hang), ` +
      `${100 * flapping} % flap, ${100 * slow} % take 2 to 5 s; seed ${options.seed}`,
  );
  const { well, sick } = await runScale({ ...options, collectGarbage });
  const row = (name: string, of: (report: ScaleReport) => string) => {
    console.log(`${name.padEnd(44)}${of(well).padStart(16)}${of(sick).padStart(16)}`);
  };
  row('', (report) => (report === well ? 'all healthy' : 'some sick'));
  row('deliveries', ({ deliveries }) => String(deliveries));
  row('delivered', ({ delivered }) => String(delivered));
  row('put off, waiting at the end', ({ waiting }) => String(waiting));
  row('attempts', ({ attempts }) => String(attempts));
  row('… wasted on endpoints that were down', ({ wasted }) => String(wasted));
  row('first attempts to healthy endpoints, p50 ms', ({ healthyMs }) => String(healthyMs.p50));
  row('… p99 ms', ({ healthyMs }) => String(healthyMs.p99));
  row('… worst ms', ({ healthyMs }) => String(healthyMs.max));
  for (const topic of topicsOf(well, sick)) {
    row(`records per delivery: ${topic}`, ({ writesPerDelivery }) => (writesPerDelivery[topic] ?? 0).toFixed(3));
  }
  row('… all', ({ writesPerDelivery }) =>
    Object.values(writesPerDelivery)
      .reduce((sum, n) => sum + n, 0)
      .toFixed(3),
  );
  row('heap at its peak, garbage included, MiB', ({ peakHeapBytes }) => (peakHeapBytes / MIB).toFixed(0));
  row('… of it settings, bytes per subscription', ({ bytesPerSubscription }) => bytesPerSubscription.toFixed(0));
  row('real seconds', ({ realMs }) => (realMs / 1_000).toFixed(1));
  console.log(`healthy p99 beside sick endpoints / alone: ${(sick.healthyMs.p99 / well.healthyMs.p99).toFixed(3)}`);
}

function topicsOf(...reports: readonly ScaleReport[]): readonly string[] {
  return [...new Set(reports.flatMap(({ writesPerDelivery }) => Object.keys(writesPerDelivery)))].sort();
}
