import type { TrackedItem } from '../intake/intake.js';
import { PositionQueue } from './position-queue.js';

/** A record that must wait for those before it. */
export interface OrderedItem extends TrackedItem {
  /** Subscription and ordering key. */
  readonly queue: string;
  /** Its place in the order: the offset in `deliveries.fifo` that its delivery began with. */
  readonly position: number;
  /** Milliseconds since the epoch. */
  readonly dueAtMs: number;
  /** Number of the attempt it stands for. */
  readonly attempt: number;
}

/**
 * - `idle`: the first is under way, or on its way through `fifo.hold`.
 * - `ready`: the first may start as soon as there is room.
 * - `asleep`: the first is not due yet.
 * - `wanted`: the first is due, and has to be read again from `fifo.hold`.
 * - `parked`: the lane is full.
 */
type Stage = 'idle' | 'ready' | 'asleep' | 'wanted' | 'parked';

/** All of one ordering key that is not finished. Only its first may be under way. */
export class OrderedQueue<T extends OrderedItem> {
  readonly order = new PositionQueue();
  /** Records in memory, by position; of the others only the place is known. */
  readonly near = new Map<number, T>();
  /** Of positions that are not due yet. */
  readonly dues = new Map<number, number>();
  /** Of positions that are on their way, the attempt that is to come. */
  readonly expected = new Map<number, number>();
  running: T | undefined;
  /** The attempt of a record of the running one's position that has come meanwhile. */
  arrived: number | undefined;
  stage: Stage = 'idle';
  /** While it is asleep. */
  wakeAtMs = 0;

  constructor(readonly key: string) {}
}
