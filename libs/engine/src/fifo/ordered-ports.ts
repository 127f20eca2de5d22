/**
 * - `started`: `settled` will be called for it, or `retract`.
 * - `lane-full`: ask again when its lane has started something.
 * - `full`: nothing starts now.
 * - a number: ask again at this time, milliseconds since the epoch.
 */
export type Release = 'started' | 'lane-full' | 'full' | number;

export interface OrderedPorts<T> {
  /** Lets a record start that is due and the first of its queue. */
  release(item: T): Release;
  /**
   * Writes a record to `fifo.hold` and resolves when it is acknowledged: `moved`, or `ended` where it never can be and is
   * finished in another way. Never rejects.
   */
  move(item: T): Promise<'moved' | 'ended'>;
  /** Reads records of `fifo.hold` again; rejects where that was not possible. */
  load(range: LoadRange, onItem: (item: T) => void): Promise<void>;
  /** A record is no longer in `fifo.hold`: its retention was shorter than its wait. */
  vanished(queue: string, position: number): void;
  /** Milliseconds since the epoch. */
  now(): number;
}

interface LoadRange {
  readonly partition: number;
  readonly fromOffset: number;
  /** Exclusive. */
  readonly toOffset: number;
}
