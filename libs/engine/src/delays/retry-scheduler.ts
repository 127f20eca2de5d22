import { PoisonRecord } from '@hookstream/domain';
import {
  decodeDelivery,
  encodeDelivery,
  type ConsumedRecord,
  type Delivery,
  type OutgoingRecord,
  type Topics,
} from '@hookstream/contracts';
import type { GuardedBurials } from '../guard/guarded-burials.js';
import { hopTopic } from '../ladder/plan-hop.js';
import type { RecordWriter, Undertaker, Written } from '../parked/parked-ports.js';
import type { OwnedPartition, TopicPartition, TrackerTable } from '../tracker/tracker-table.js';
import { WindowFull } from '../tracker/window-full.js';
import { DelayLine, type Sleeper } from './delay-line.js';

/** What the consumer does for us when a partition holds enough. */
interface FlowControl {
  pause(at: TopicPartition): void;
  resume(at: TopicPartition): void;
}

export interface SchedulerObserver {
  /** Records went on; `lateMs` of each that became due, 0 or more. */
  moved(count: number, lateMs: readonly number[]): void;
  /** They could not be written and sleep a little longer. */
  postponed(count: number, error: unknown): void;
}

export interface SchedulerParts {
  readonly topics: Topics;
  readonly trackers: TrackerTable;
  readonly writer: RecordWriter;
  readonly burials: GuardedBurials;
  readonly flow: FlowControl;
  readonly observer: SchedulerObserver;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Why, and what it was read as, where it could be. */
type Burial = [cause: Parameters<Undertaker['bury']>[1], delivery?: Delivery];

/** Records moved by one call: several sends' worth. */
const MOVE_LIMIT = 2_000;
const POSTPONE_MS = 1_000;

/**
 * Time: takes delivery records from the delay topics, lets each sleep until it leaves its topic, and sends it to its next
 * stop, planned anew from its absolute due time. A record is finished, and may be committed, when Kafka has it at its
 * next stop. Killed in between, it moves twice, with the same key: the dispatcher drops the second.
 */
export class RetryScheduler {
  private readonly line: DelayLine;
  private readonly paused = new Set<OwnedPartition>();

  constructor(private readonly parts: SchedulerParts) {
    this.line = new DelayLine(parts.topics);
  }

  get sleeping(): number {
    return this.line.size;
  }

  get nextWakeAtMs(): number | undefined {
    return this.line.nextWakeAtMs;
  }

  /** When the earliest record should leave, or should have left; milliseconds since the epoch. */
  get oldestDueAtMs(): number | undefined {
    return this.line.oldestDueAtMs;
  }

  /** Puts a fetched batch to sleep. Never waits for a record's time. @throws WindowFull, HeldBack: to be called again */
  take(at: TopicPartition, records: readonly ConsumedRecord[]): void {
    const owner = this.parts.trackers.get(at);
    if (!owner) return;
    for (const record of records) {
      if (record.offset >= owner.tracker.nextOffset) this.parts.burials.admit();
      const registration = owner.tracker.register(record.offset);
      if (registration === 'full') throw new WindowFull(at);
      if (registration === 'new') this.settle(owner, record);
    }
    this.pauseFull(owner);
  }

  /** Moves on what has slept enough; true when there is more to move at once. */
  async release(): Promise<boolean> {
    const nowMs = this.parts.now();
    const awake = this.line.wake(nowMs, MOVE_LIMIT);
    if (awake.length > 0) await this.moveOn(awake, nowMs);
    this.resumeDrained();
    return awake.length === MOVE_LIMIT;
  }

  /** Another member does this partition's records now. */
  lose(at: TopicPartition): void {
    const lost = this.parts.trackers.revoke(at);
    if (!lost) return;
    this.line.forget(lost);
    if (this.paused.delete(lost)) this.parts.flow.resume(at);
  }

  private settle(owner: OwnedPartition, record: ConsumedRecord): void {
    try {
      this.line.add({ owner, record, delivery: decodeDelivery(record) });
    } catch (error) {
      if (!(error instanceof PoisonRecord)) throw error;
      void this.bury(owner, record, error);
      return;
    }
    this.parts.burials.wasRead();
  }

  /** It stays in memory until it may be buried: what too many of them fill is paused. */
  private async bury(owner: OwnedPartition, record: ConsumedRecord, ...how: Burial): Promise<void> {
    const bytes = record.value?.length ?? 0;
    this.line.keep(owner, bytes);
    this.pauseFull(owner);
    await this.parts.burials.bury(record, ...how);
    owner.tracker.finish(record.offset);
    this.line.drop(owner, bytes);
    this.resumeDrained();
  }

  private pauseFull(owner: OwnedPartition): void {
    if (owner.lost || this.line.fullness(owner) < 1 || this.paused.has(owner)) return;
    this.paused.add(owner);
    this.parts.flow.pause(owner);
  }

  private async moveOn(awake: readonly Sleeper[], nowMs: number): Promise<void> {
    const { topics, writer, observer } = this.parts;
    const written = await writer.write(awake.map(({ delivery }) => nextRecord(topics, delivery, nowMs)));
    const moved = awake.filter((sleeper, index) => this.settled(sleeper, written[index], nowMs));
    const refused = written.filter((each) => each.kind === 'refused');
    if (refused.length > 0) observer.postponed(refused.length, refused[0]?.error);
    const due = moved.filter(({ delivery }) => delivery.dueAtMs <= nowMs);
    observer.moved(
      moved.length,
      due.map(({ delivery }) => nowMs - delivery.dueAtMs),
    );
  }

  /** Each record by itself: one that cannot be written holds up no other. True where it has moved. */
  private settled(sleeper: Sleeper, written: Written | undefined, nowMs: number): boolean {
    const { owner, record, delivery } = sleeper;
    switch (written?.kind) {
      case 'written':
        owner.tracker.finish(record.offset);
        this.line.left(sleeper);
        this.parts.burials.wasWritten();
        return true;
      case 'too-large':
        this.line.left(sleeper);
        void this.bury(owner, record, { reason: 'oversize', detail: written.detail }, delivery);
        return false;
      default:
        if (owner.lost) this.line.left(sleeper);
        else this.line.postpone(nowMs + POSTPONE_MS, sleeper);
        return false;
    }
  }

  private resumeDrained(): void {
    for (const owner of this.paused) {
      if (this.line.fullness(owner) > 0.5) continue;
      this.paused.delete(owner);
      this.parts.flow.resume(owner);
    }
  }
}

function nextRecord(topics: Topics, delivery: Delivery, nowMs: number): OutgoingRecord {
  return encodeDelivery(hopTopic(topics, delivery, nowMs), { ...delivery, hops: delivery.hops + 1 });
}
