import { describe, expect, it } from '@jest/globals';
import { gaugeOf, memoryOf } from './service-metrics.js';

const METRICS = `# HELP process_resident_memory_bytes Resident memory size in bytes.
# TYPE process_resident_memory_bytes gauge
process_resident_memory_bytes 123456
nodejs_heap_size_used_bytes 2e3
nodejs_external_memory_bytes 7
`;

describe('the metrics of a service', () => {
  it('tell its memory', () => {
    expect(memoryOf(METRICS)).toEqual({ residentBytes: 123_456, heapBytes: 2_000, externalBytes: 7 });
  });

  it('tell nothing of what they do not know', () => {
    expect(gaugeOf(METRICS, 'nodejs_heap_size_used')).toBeNaN();
  });
});
