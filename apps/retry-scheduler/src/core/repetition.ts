/** Runs something again and again, one at a time: `everyMs` after the last one has ended. */
export class Repetition {
  private readonly stopping = new AbortController();
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;

  /** @param work told by the signal to end soon; a rejection is told, and it is run again */
  constructor(
    private readonly work: (signal: AbortSignal) => Promise<void>,
    private readonly everyMs: number,
    private readonly onFailure: (error: unknown) => void,
  ) {}

  start(): void {
    if (this.stopping.signal.aborted) return;
    this.timer = setTimeout(() => {
      this.running = this.work(this.stopping.signal)
        .catch(this.onFailure)
        .finally(() => {
          this.running = undefined;
          this.start();
        });
    }, this.everyMs);
  }

  /** Starts nothing more and resolves when what was under way has ended. */
  async stop(): Promise<void> {
    this.stopping.abort();
    clearTimeout(this.timer);
    await this.running;
  }
}
