/** Milliseconds of the machine's monotonic clock: what one process notes another may compare. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1_000_000;
}
