import type { Delivery, Topics } from '@hookstream/contracts';
import { WakeHeap, type OwnedPartition } from '@hookstream/engine';
import type { ConsumedRecord } from '@hookstream/contracts';

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

  /** A level's record leaves exactly the level's length after Kafka appended it; a near one when it is due. */
  add(sleeper: Sleeper): void {
    const delayMs = this.levels.get(sleeper.record.topic);
    const wakeAtMs = delayMs === undefined ? sleeper.delivery.dueAtMs : sleeper.record.timestamp + delayMs;
    this.sleepUntil(wakeAtMs, sleeper);
  }

  /** Puts one that could not be moved back to sleep. */
  sleepUntil(wakeAtMs: number, sleeper: Sleeper): void {
    const load = this.loads.get(sleeper.owner) ?? { records: 0, bytes: 0 };
    load.records += 1;
    load.bytes += sleeper.delivery.data.length;
    this.loads.set(sleeper.owner, load);
    this.heap.push(wakeAtMs, sleeper);
  }

  /** Takes out what wakes by `nowMs`, earliest first, at most `limit`. */
  wake(nowMs: number, limit: number): Sleeper[] {
    const awake = this.heap.popUntil(nowMs, limit);
    for (const { owner, delivery } of awake) {
      const load = this.loads.get(owner);
      if (!load) continue;
      load.records -= 1;
      load.bytes -= delivery.data.length;
    }
    return awake.filter(({ owner }) => !owner.lost);
  }

  forget(lost: OwnedPartition): void {
    this.loads.delete(lost);
    this.heap.retain(({ owner }) => owner !== lost);
  }

  /** How full a partition is: above 1 it should be paused, below a half it may flow again. */
  fullness(owner: OwnedPartition): number {
    const load = this.loads.get(owner);
    if (!load) return 0;
    const limits = this.levels.has(owner.topic) ? LEVEL_LIMITS : NEAR_LIMITS;
    return Math.max(load.records / limits.records, load.bytes / limits.bytes);
  }
}
