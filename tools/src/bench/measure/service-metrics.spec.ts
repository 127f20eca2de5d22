import { describe, expect, it } from '@jest/globals';
import { boundOf, bucketsOf, gaugeOf, memoryOf } from './service-metrics.js';

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

describe('a histogram of a service', () => {
  const metrics = [
    'x_seconds_bucket{le="0.01"} 50',
    'x_seconds_bucket{le="0.5"} 99',
    'x_seconds_bucket{le="5"} 100',
    'x_seconds_bucket{le="+Inf"} 100',
    'x_seconds_count 100',
  ].join('\n');

  it('is known by its buckets, and bounds what a share of it does not exceed', () => {
    const buckets = bucketsOf(metrics, 'x_seconds');
    expect(buckets.get(Infinity)).toBe(100);
    expect([50, 51, 99, 100].map((percent) => boundOf(buckets, percent))).toEqual([0.01, 0.5, 0.5, 5]);
    expect(boundOf(bucketsOf(metrics, 'y_seconds'), 50)).toBeNaN();
  });
});
