const SLICE_MS = 10_000;
const SLICES = 6;

interface Slice {
  number: number;
  total: number;
  failures: number;
}

/** Results of the last minute, by slices of ten seconds: the oldest slice leaves as a whole. */
export class RecentResults {
  private readonly slices: Slice[] = [];

  add(result: 'success' | 'failure', nowMs: number): void {
    const slice = this.sliceAt(nowMs);
    slice.total += 1;
    if (result === 'failure') slice.failures += 1;
  }

  count(nowMs: number): { readonly total: number; readonly failures: number } {
    this.forgetBefore(nowMs);
    let [total, failures] = [0, 0];
    for (const slice of this.slices) {
      total += slice.total;
      failures += slice.failures;
    }
    return { total, failures };
  }

  private sliceAt(nowMs: number): Slice {
    this.forgetBefore(nowMs);
    const number = Math.floor(nowMs / SLICE_MS);
    const last = this.slices.at(-1);
    // A clock that was set back goes on filling the newest slice.
    if (last && last.number >= number) return last;
    const slice = { number, total: 0, failures: 0 };
    this.slices.push(slice);
    return slice;
  }

  private forgetBefore(nowMs: number): void {
    const oldest = Math.floor(nowMs / SLICE_MS) - SLICES + 1;
    while (this.slices[0] && this.slices[0].number < oldest) this.slices.shift();
  }
}
