/** Of an endpoint that has not answered yet. */
const ASSUMED_LATENCY_MS = 50;
const WEIGHT = 0.1;

/** A request under way. */
export interface Running {
  readonly startedAtMs: number;
  /** When the endpoint was asked; `Infinity` while that is still prepared. */
  readonly askedAtMs: number;
}

/** How fast an endpoint answers, and so how soon places at it become free. */
export class Pace<R extends Running> {
  private readonly running = new Set<R>();
  private successMs: number | undefined;
  private occupiedMs: number | undefined;
  private lastSuccessMs: number | undefined;

  get inFlight(): number {
    return this.running.size;
  }

  /** What a success usually takes; `undefined` before the first. */
  get usualLatencyMs(): number | undefined {
    return this.successMs;
  }

  get lastSuccessAtMs(): number | undefined {
    return this.lastSuccessMs;
  }

  started(request: R): void {
    this.running.add(request);
  }

  ended(request: R, result: 'success' | 'failure', nowMs: number): void {
    this.running.delete(request);
    const tookMs = Math.max(1, nowMs - request.startedAtMs);
    this.occupiedMs = moved(this.occupiedMs, tookMs);
    if (result === 'failure') return;
    this.successMs = moved(this.successMs, tookMs);
    this.lastSuccessMs = nowMs;
  }

  abandoned(request: R): void {
    this.running.delete(request);
  }

  some(matches: (request: R) => boolean): boolean {
    for (const request of this.running) if (matches(request)) return true;
    return false;
  }

  /** Requests under way that are older than this. */
  olderThan(ageMs: number, nowMs: number): number {
    let count = 0;
    for (const { startedAtMs } of this.running) if (nowMs - startedAtMs > ageMs) count += 1;
    return count;
  }

  /** Requests under way that the endpoint has known for longer than this. */
  askedLongerThan(ageMs: number, nowMs: number): number {
    let count = 0;
    for (const { askedAtMs } of this.running) if (nowMs - askedAtMs > ageMs) count += 1;
    return count;
  }

  /** Each place frees as often as it usually does; one that is occupied for longer than usual, by no more than that. */
  slotsPerSecond(places: number, nowMs: number): number {
    const usualMs = this.occupiedMs ?? ASSUMED_LATENCY_MS;
    let perMs = Math.max(0, places - this.running.size) / usualMs;
    const usable = Math.min(1, places / this.running.size);
    for (const { startedAtMs } of this.running) perMs += usable / Math.max(usualMs, nowMs - startedAtMs);
    return perMs * 1_000;
  }

  /** As `slotsPerSecond`, of the endpoint when it is well. */
  slotsPerSecondWhenWell(places: number): number {
    return (places * 1_000) / (this.successMs ?? ASSUMED_LATENCY_MS);
  }
}

function moved(average: number | undefined, sample: number): number {
  return average === undefined ? sample : average + WEIGHT * (sample - average);
}
