import { performance } from 'node:perf_hooks';

/** How busy the event loop was since it was last asked, 0–1; time for which the machine did not let it run counts as busy. */
export function eventLoopUtilization(): () => number {
  let before = performance.eventLoopUtilization();
  return () => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, before);
    before = now;
    return utilization;
  };
}
