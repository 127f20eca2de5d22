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
