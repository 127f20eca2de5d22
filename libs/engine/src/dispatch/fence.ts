/** Older than this, what a process believes to own and to know is not acted on. */
const MAX_SILENCE_MS = 3_000;

/**
 * Whether this process may start something: it is surely still a member of its group, and knows what is in force. One
 * that was stopped and resumed sends nothing it no longer owns. Times are of the monotonic clock.
 */
export class Fence {
  private heartbeatAtMs: number | undefined;

  /** @param configFetchedAtMs when the configuration was last asked for and answered */
  constructor(
    private readonly configFetchedAtMs: () => number | undefined,
    private readonly nowMs: () => number,
  ) {}

  /** The coordinator has confirmed the membership, asked at this time. */
  heartbeat(sentAtMs: number): void {
    this.heartbeatAtMs = Math.max(sentAtMs, this.heartbeatAtMs ?? sentAtMs);
  }

  isOpen(): boolean {
    const nowMs = this.nowMs();
    return isRecent(this.heartbeatAtMs, nowMs) && isRecent(this.configFetchedAtMs(), nowMs);
  }
}

function isRecent(atMs: number | undefined, nowMs: number): boolean {
  return atMs !== undefined && nowMs - atMs < MAX_SILENCE_MS;
}
