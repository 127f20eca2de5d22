import type { ConsumedRecord, Delivery, Topics } from '@hookstream/contracts';
import { WakeHeap } from '../ladder/wake-heap.js';
import type { OwnedPartition } from '../tracker/tracker-table.js';

/** A delivery record that waits in memory; its offset stays uncommitted until it has moved on. */
export interface Sleeper {
  readonly owner: OwnedPartition;
  readonly record: ConsumedRecord;
  readonly delivery: Delivery;
}

interface Load {
  records: number;
  bytes: number;
}

export interface SleepLimits {
  /** Records asleep per partition above which it is paused. */
  readonly records: number;
  /** Bytes of data asleep per partition above which it is paused. */
  readonly bytes: number;
}

/** Enough to keep a partition flowing between two fetches; with 180 partitions at worst 180 MiB. */
export const LEVEL_LIMITS: SleepLimits = { records: 1_000, bytes: 1_048_576 };
/** `delay.near` is not in the order of waking, so it holds all that ten seconds bring. */
const NEAR_LIMITS: SleepLimits = { records: 50_000, bytes: 16 * 1_048_576 };

/** Everything asleep in this process, by the time at which it leaves its topic. */
export class DelayLine {
  private readonly heap = new WakeHeap<Sleeper>();
  private readonly loads = new Map<OwnedPartition, Load>();
  /** Those on their way out, or whose way out has failed, with the time at which they should have left. */
  private readonly overdue = new Map<Sleeper, number>();
  private readonly levels: ReadonlyMap<string, number>;

  constructor(topics: Topics) {
    this.levels = new Map(topics.delayLevels.map(({ topic, delayMs }) => [topic, delayMs]));
  }

  get size(): number {
    return this.heap.size;
  }

  get nextWakeAtMs(): number | undefined {
    return this.heap.nextWakeAtMs;
  }

  /** When the earliest should leave, or should have left. */
  get oldestDueAtMs(): number | undefined {
    let oldestMs = this.heap.nextWakeAtMs;
    for (const dueAtMs of this.overdue.values()) oldestMs = Math.min(oldestMs ?? dueAtMs, dueAtMs);
    return oldestMs;
  }

  /** A level's record leaves exactly the level's length after Kafka appended it; a near one when it is due. */
  add(sleeper: Sleeper): void {
    this.sleepUntil(this.leavesAtMs(sleeper), sleeper);
  }

  /** One that is not asleep stays in memory for another reason. */
  keep(owner: OwnedPartition, bytes: number): void {
    const load = this.loads.get(owner) ?? { records: 0, bytes: 0 };
    load.records += 1;
    load.bytes += bytes;
    this.loads.set(owner, load);
  }

  /** One that was kept, or was asleep, has left memory. */
  drop(owner: OwnedPartition, bytes: number): void {
    const load = this.loads.get(owner);
    if (!load) return;
    load.records -= 1;
    load.bytes -= bytes;
  }

  /** Puts one that could not be moved back to sleep. */
  postpone(wakeAtMs: number, sleeper: Sleeper): void {
    this.sleepUntil(wakeAtMs, sleeper);
  }

  /** One that was woken is where it was to go. */
  left(sleeper: Sleeper): void {
    this.overdue.delete(sleeper);
  }

  /** Takes out what wakes by `nowMs`, earliest first, at most `limit`. */
  wake(nowMs: number, limit: number): Sleeper[] {
    const awake = this.heap.popUntil(nowMs, limit);
    for (const sleeper of awake) {
      const { owner, delivery } = sleeper;
      if (!owner.lost) this.overdue.set(sleeper, this.leavesAtMs(sleeper));
      this.drop(owner, delivery.data.length);
    }
    return awake.filter(({ owner }) => !owner.lost);
  }

  forget(lost: OwnedPartition): void {
    this.loads.delete(lost);
    this.heap.retain(({ owner }) => owner !== lost);
    for (const sleeper of this.overdue.keys()) if (sleeper.owner === lost) this.overdue.delete(sleeper);
  }

  /** How full a partition is: above 1 it should be paused, below a half it may flow again. */
  fullness(owner: OwnedPartition): number {
    const load = this.loads.get(owner);
    if (!load) return 0;
    const limits = this.levels.has(owner.topic) ? LEVEL_LIMITS : NEAR_LIMITS;
    return Math.max(load.records / limits.records, load.bytes / limits.bytes);
  }

  private leavesAtMs({ record, delivery }: Sleeper): number {
    const delayMs = this.levels.get(record.topic);
    return delayMs === undefined ? delivery.dueAtMs : record.timestamp + delayMs;
  }

  private sleepUntil(wakeAtMs: number, sleeper: Sleeper): void {
    this.keep(sleeper.owner, sleeper.delivery.data.length);
    this.heap.push(wakeAtMs, sleeper);
  }
}
