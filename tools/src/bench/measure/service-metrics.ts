import axios from 'axios';

export interface ServiceMemory {
  /** Of the whole process. */
  readonly residentBytes: number;
  readonly heapBytes: number;
  /** Buffers, above all. */
  readonly externalBytes: number;
}

/** What a service's `/metrics` says of a gauge without labels; NaN where it does not know it. */
export function gaugeOf(metrics: string, name: string): number {
  const line = metrics.split('\n').find((each) => each.startsWith(`${name} `));
  return line === undefined ? NaN : Number(line.slice(name.length + 1));
}

export async function readMetrics({ url }: { readonly url: string }): Promise<string> {
  return (await axios.get<string>(`${url}/metrics`, { responseType: 'text', proxy: false })).data;
}

export function memoryOf(metrics: string): ServiceMemory {
  return {
    residentBytes: gaugeOf(metrics, 'process_resident_memory_bytes'),
    heapBytes: gaugeOf(metrics, 'nodejs_heap_size_used_bytes'),
    externalBytes: gaugeOf(metrics, 'nodejs_external_memory_bytes'),
  };
}

/** How many were observed up to each bound, as a histogram without labels counts them; `Infinity`: all. */
export type Buckets = ReadonlyMap<number, number>;

/** Empty where the service does not know the histogram. */
export function bucketsOf(metrics: string, name: string): Buckets {
  const buckets = new Map<number, number>();
  for (const [, bound, count] of metrics.matchAll(new RegExp(`^${name}_bucket\\{le="([^"]+)"\\} (\\d+)$`, 'gm'))) {
    buckets.set(bound === '+Inf' ? Infinity : Number(bound), Number(count));
  }
  return buckets;
}

/** The smallest bound that at least `percent` % do not exceed; NaN for none. */
export function boundOf(buckets: Buckets, percent: number): number {
  const all = buckets.get(Infinity) ?? 0;
  if (all === 0) return NaN;
  const bounds = [...buckets].sort(([left], [right]) => left - right);
  return bounds.find(([, count]) => count >= (percent / 100) * all)?.[0] ?? Infinity;
}
