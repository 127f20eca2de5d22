/** Whether a consumer is a member of its group, told as a readiness check tells it. Times by `performance.now()`. */
export class Membership {
  #state: { readonly is: 'idle' | 'joining' | 'stopping' } | { readonly is: 'joined'; readonly heartbeatAtMs: number } =
    {
      is: 'idle',
    };
  #trouble: string | undefined;
  #missing: readonly string[] = [];

  /** @param heartbeatTimeoutMs a member whose last confirmed heartbeat is older is not ready */
  constructor(
    private readonly heartbeatTimeoutMs: number,
    private readonly now: () => number = () => performance.now(),
  ) {}

  joining(): void {
    this.#state = { is: 'joining' };
  }

  confirmed(atMs: number = this.now()): void {
    if (this.#state.is === 'stopping') return;
    this.#state = { is: 'joined', heartbeatAtMs: atMs };
    this.#trouble = undefined;
  }

  crashed(reason: string): void {
    this.#trouble = reason;
    if (this.#state.is === 'joined') this.joining();
  }

  missing(topics: readonly string[]): void {
    this.#missing = topics;
  }

  stopping(): void {
    this.#state = { is: 'stopping' };
  }

  /** There is nothing to read: no topics. */
  idle(): void {
    this.#state = { is: 'idle' };
  }

  readiness(): true | string {
    const trouble = this.#trouble === undefined ? '' : `: ${this.#trouble}`;
    if (this.#missing.length > 0) return `topics are missing: ${this.#missing.join(', ')}`;
    switch (this.#state.is) {
      case 'idle':
        return true;
      case 'joining':
        return `has not joined its consumer group yet${trouble}`;
      case 'stopping':
        return 'is leaving its consumer group';
      case 'joined': {
        const silentMs = this.now() - this.#state.heartbeatAtMs;
        return (
          silentMs <= this.heartbeatTimeoutMs || `no heartbeat answered for ${Math.round(silentMs / 1_000)} s${trouble}`
        );
      }
    }
  }
}
