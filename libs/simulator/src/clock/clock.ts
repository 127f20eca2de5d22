/** What `clearTimeout` and `clearInterval` take. */
export interface Timer {
  /** Nobody waits for it any more. */
  cancelled: boolean;
}

/** Time as a program under test is given it: the real one's functions, none of its surprises. */
export interface Clock {
  /** Milliseconds since the epoch, whole. */
  now(): number;
  /** Milliseconds by the monotonic clock. */
  performanceNow(): number;
  /** Like Node's: at least 1 ms, fractions dropped. */
  setTimeout(callback: () => void, delayMs: number): Timer;
  clearTimeout(timer: Timer | undefined): void;
  setInterval(callback: () => void, intervalMs: number): Timer;
  clearInterval(timer: Timer | undefined): void;
  sleep(delayMs: number): Promise<void>;
}
