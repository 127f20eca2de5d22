const FIRST_MS = 1_000;
const LONGEST_MS = 30_000;
const STEADY_MS = 60_000;

/** How long to wait before something that crashed is started again: 1 s, doubled each time, at most 30 s. */
export class RestartBackoff {
  private crashes = 0;

  /** `uptimeMs`: how long it ran before; after a minute earlier crashes are forgiven. */
  nextDelayMs(uptimeMs: number): number {
    if (uptimeMs >= STEADY_MS) this.crashes = 0;
    this.crashes += 1;
    return Math.min(FIRST_MS * 2 ** (this.crashes - 1), LONGEST_MS);
  }
}
