import { PoisonRecord } from '@hookstream/domain';
import {
  decodeDelivery,
  decodeWaiting,
  encodeDelivery,
  encodeReport,
  type ConsumedRecord,
  type Delivery,
} from '@hookstream/contracts';
import { judgeDelivery } from '../dispatch/judge-delivery.js';
import { endingReport, type Ending } from '../dispatch/reports.js';
import { hopTopic } from '../ladder/plan-hop.js';
import { WindowFull } from '../tracker/window-full.js';
import type { TopicPartition } from '../tracker/tracker-table.js';
import { Outflow } from './outflow.js';
import { ParkedPartition, type ReadyRecord } from './parked-partition.js';
import type { ParkedParts, Written } from './parked-ports.js';
import type { Stretch } from './waiting-index.js';

/** How often the ages of all that waits are looked at. */
const AGES_EVERY_MS = 30_000;
/** A record is not written anew sooner than this after it was written. */
const REWRITE_AFTER_MS = 10 * 60_000;
const FORGET_AFTER_MS = 60_000;
/** Offsets of one read. */
const MAX_READ = 16_384;

interface Ended extends ReadyRecord {
  readonly ending: Ending & { readonly state: 'cancelled' | 'exhausted' };
}

/** One look at a partition. */
interface Look {
  readonly partition: ParkedPartition;
  readonly nowMs: number;
  /** Subscriptions whose records are wanted, with how many more of each. Those whose runs all end have no bound. */
  readonly wanted: Map<string, number>;
  /** Every record's age is looked at. */
  readonly ages: boolean;
}

/** Offsets that are read one behind the other. */
interface Range {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
  /** The ages of its records are looked at. */
  readonly ages: boolean;
}

/**
 * Keeps the deliveries that wait in `parked`. Each record is read once when it comes, and only where it lies is
 * remembered; it stays in the log, unwritten and uncommitted, until its endpoint can take it again, its subscription has
 * ended or it is too old. Then its stretch of the log is read again. So a dead endpoint's million records cost no more
 * than a place each in a bitmap, and delay nobody else's.
 *
 * A record is finished, and may be committed, when Kafka has it in `deliveries`, or the report of its end. Killed in
 * between, it goes twice, with the same key: the dispatcher drops the second. What is finished behind a record that waits
 * on is in the commit's metadata; where that has no room for it, the oldest records are written anew at the end.
 */
export class ParkedSweep {
  private readonly partitions = new Map<string, ParkedPartition>();
  private readonly outflow: Outflow;

  constructor(private readonly parts: ParkedParts) {
    this.outflow = new Outflow(parts);
  }

  /** Records that wait. */
  get waiting(): number {
    let count = 0;
    for (const { index } of this.partitions.values()) count += index.size;
    return count;
  }

  /** Records in memory. */
  get ready(): number {
    return this.outflow.size;
  }

  /** Takes a fetched batch; waits for nothing. @throws WindowFull, HeldBack: to be called again */
  take(at: TopicPartition, records: readonly ConsumedRecord[]): void {
    const owner = this.parts.trackers.get(at);
    if (!owner) return;
    const key = `${at.topic}/${at.partition}`;
    let partition = this.partitions.get(key);
    if (partition?.owner !== owner) {
      if (partition) this.outflow.forget(partition);
      partition = new ParkedPartition(owner);
      this.partitions.set(key, partition);
    }
    for (const record of records) {
      if (record.offset >= owner.tracker.nextOffset) this.parts.burials.admit();
      const registration = owner.tracker.register(record.offset);
      if (registration === 'full') throw new WindowFull(at);
      if (registration === 'new') this.admit(partition, record);
    }
  }

  /** Another member does this partition's records now. */
  lose(at: TopicPartition): void {
    this.parts.trackers.revoke(at);
    const key = `${at.topic}/${at.partition}`;
    const lost = this.partitions.get(key);
    if (lost) this.outflow.forget(lost);
    this.partitions.delete(key);
  }

  /** To be called every second: reads what can go again, ends what has to end. Rejects when the log cannot be read. */
  async look(signal: AbortSignal): Promise<void> {
    for (const partition of [...this.partitions.values()]) {
      if (signal.aborted) return;
      await this.lookAt(partition, signal);
    }
  }

  /** To be called every 100 ms: lets go what may go. Never rejects. */
  async release(): Promise<void> {
    const { writer, topics, now, observer } = this.parts;
    const going = this.outflow.pick(this.partitions.values());
    if (going.length === 0) return;
    const nowMs = now();
    const written = await writer.write(
      going.map(({ delivery }) =>
        encodeDelivery(hopTopic(topics, delivery, nowMs), { ...delivery, hops: delivery.hops + 1 }),
      ),
    );
    let released = 0;
    for (const [index, { partition, record, delivery }] of going.entries()) {
      if (this.settle(partition, record, delivery, written[index])) released += 1;
    }
    observer.released(released);
  }

  private admit(partition: ParkedPartition, record: ConsumedRecord): void {
    const { offset, timestamp } = record;
    const waiting = this.decode(decodeWaiting, record, () => partition.owner.tracker.finish(offset));
    if (!waiting) return;
    this.parts.burials.wasRead();
    const { subscription, runStartedAtMs } = waiting;
    const { index, outlets } = partition;
    const allReady = index.countOf(subscription) === (outlets.get(subscription)?.ready.length ?? 0);
    index.add(offset, subscription, runStartedAtMs, timestamp);
    // Where nothing of it waits in the log only, it need not be read again to go.
    const nowMs = this.parts.now();
    if (!allReady || this.mayEnd(subscription, runStartedAtMs, nowMs)) return;
    if (this.outflow.room(partition, subscription, nowMs) <= 0) return;
    const delivery = this.decode(decodeDelivery, record, () => partition.finish(offset, subscription));
    if (delivery) this.makeReady({ partition, nowMs, wanted: new Map(), ages: false }, record, delivery);
  }

  private async lookAt(partition: ParkedPartition, signal: AbortSignal): Promise<void> {
    const nowMs = this.parts.now();
    partition.forgetIdleOutlets(nowMs - FORGET_AFTER_MS);
    const ages = nowMs - partition.agesSeenAtMs >= AGES_EVERY_MS;
    if (ages) partition.agesSeenAtMs = nowMs;
    const look: Look = { partition, nowMs, ages, wanted: this.wantedOf(partition, nowMs) };
    const from = partition.lookFrom;
    partition.lookFrom = 0;
    for (const { start, end, ages: endsSome } of this.rangesOf(look, from)) {
      if (partition.owner.lost || signal.aborted) return;
      if (this.outflow.isFull()) {
        partition.lookFrom = start;
        break;
      }
      await this.readRange({ ...look, ages: endsSome }, start, end, signal);
    }
    await this.moveOn(partition, signal);
  }

  /** Subscriptions of which records can go now or all have to end. */
  private wantedOf(partition: ParkedPartition, nowMs: number): Map<string, number> {
    const wanted = new Map<string, number>();
    for (const subscription of partition.index.subscriptions()) {
      const entry = this.parts.subscription(subscription);
      const ends = entry?.kind === 'deleted' || (entry?.kind === 'subscription' && !entry.document.active);
      const room = ends ? Number.POSITIVE_INFINITY : this.outflow.room(partition, subscription, nowMs);
      const ready = partition.outlets.get(subscription)?.ready.length ?? 0;
      // What is in memory already lasts for a while; and all of it may be.
      if (room > ready && partition.index.countOf(subscription) > ready) wanted.set(subscription, room);
    }
    return wanted;
  }

  /**
   * Neighbouring stretches with something of interest as one range; those from an offset on first, then those before. Each
   * is made up when the one before it was read: what that has brought is not looked for any further.
   */
  private *rangesOf(look: Look, from: number): Generator<Range> {
    const stretches = [...look.partition.index.values()];
    let range: Range | undefined;
    for (const stretch of [...stretches.filter(({ to }) => to > from), ...stretches.filter(({ to }) => to <= from)]) {
      const continues = range?.end === stretch.from && stretch.to - range.start <= MAX_READ;
      if (range && !continues) {
        yield range;
        range = undefined;
      }
      const ages = look.ages && this.hasOld(stretch, look.nowMs);
      if (!ages && !hasWanted(stretch, look)) continue;
      range = { start: range?.start ?? stretch.from, end: stretch.to, ages: ages || range?.ages === true };
    }
    if (range) yield range;
  }

  private hasOld({ waiters }: Stretch, nowMs: number): boolean {
    for (const [subscription, { oldestRunStartedAtMs }] of waiters) {
      if (this.mayEnd(subscription, oldestRunStartedAtMs, nowMs)) return true;
    }
    return false;
  }

  private mayEnd(subscription: string, runStartedAtMs: number, nowMs: number): boolean {
    const entry = this.parts.subscription(subscription);
    if (!entry) return false;
    if (entry.kind === 'deleted') return true;
    const { active, activatedAtMs, settings } = entry.document;
    return !active || runStartedAtMs < activatedAtMs || nowMs - runStartedAtMs > settings.retry.maxAgeMs;
  }

  private async readRange(look: Look, from: number, to: number, signal: AbortSignal): Promise<void> {
    const { partition } = look;
    const enough = new AbortController();
    const oldest = new Map<number, Map<string, number>>();
    const met = new Map<number, string>();
    const end = Math.min(to, partition.owner.tracker.nextOffset);
    await this.parts.reader.read({
      partition: partition.owner.partition,
      fromOffset: from,
      toOffset: end,
      signal: AbortSignal.any([signal, enough.signal]),
      onRecords: async (records) => {
        this.parts.observer.reread(records.length);
        const ended: Ended[] = [];
        for (const record of records) {
          met.set(record.offset, record.key?.toString('utf8') ?? '');
          this.meet(look, record, ended, oldest);
        }
        await this.end(partition, ended);
        const isDone = look.wanted.size === 0 && !look.ages;
        if (isDone || partition.owner.lost || this.outflow.isFull()) enough.abort();
      },
    });
    if (enough.signal.aborted || signal.aborted || partition.owner.lost) return;
    let gone = 0;
    for (const stretch of [...partition.index.values()]) {
      if (stretch.from < from || stretch.to > to) continue;
      if (look.ages) partition.index.renew(stretch.from, oldest.get(stretch.from) ?? new Map<string, number>());
      // Where records have come meanwhile to what was read of it, another time.
      if (stretch.to > end && partition.owner.tracker.nextOffset > end) continue;
      gone += partition.forgetGone({ from: stretch.from, to: Math.min(stretch.to, end) }, met);
    }
    if (gone > 0) this.parts.observer.vanished(gone);
  }

  /** A record of a stretch that is looked at. */
  private meet(look: Look, record: ConsumedRecord, ended: Ended[], oldest: Map<number, Map<string, number>>): void {
    const { partition, wanted, nowMs, ages } = look;
    if (!partition.waits(record.offset)) return;
    const subscription = record.key?.toString('utf8') ?? '';
    if (!ages && !wanted.has(subscription)) return;
    const bury = () => partition.finish(record.offset, subscription);
    const waiting = this.decode(decodeWaiting, record, bury);
    if (!waiting) return partition.take(record.offset, subscription);
    const { runStartedAtMs } = waiting;
    if (ages) noteOldest(partition, oldest, record.offset, subscription, runStartedAtMs);
    if (!this.mayEnd(subscription, runStartedAtMs, nowMs) && !wanted.has(subscription)) return;
    const delivery = this.decode(decodeDelivery, record, bury);
    if (!delivery) return partition.take(record.offset, subscription);
    const verdict = judgeDelivery(delivery, this.parts.subscription(subscription), nowMs);
    if (verdict.kind === 'end') {
      partition.take(record.offset, subscription);
      ended.push({ record, delivery, ending: { ...verdict, atMs: nowMs } });
    } else if (verdict.kind !== 'park' && wanted.has(subscription)) {
      this.makeReady(look, record, delivery);
    }
  }

  private makeReady({ partition, wanted, nowMs }: Look, record: ConsumedRecord, delivery: Delivery): void {
    if (this.outflow.isFull()) return;
    this.outflow.add(partition, record, delivery, nowMs);
    const { subscription } = delivery;
    const room = (wanted.get(subscription) ?? 0) - 1;
    if (room > 0) wanted.set(subscription, room);
    else wanted.delete(subscription);
  }

  private async end(partition: ParkedPartition, ended: readonly Ended[]): Promise<void> {
    if (ended.length === 0) return;
    const { writer, topics, observer } = this.parts;
    const written = await writer.write(
      ended.map(({ record, delivery, ending }) =>
        encodeReport(topics.attempts, record.partition, endingReport(delivery, record, ending)),
      ),
    );
    for (const [index, { record, delivery, ending }] of ended.entries()) {
      const isEnded = this.settle(partition, record, delivery, written[index]);
      if (isEnded) observer.ended(ending.state, ending.reason);
    }
  }

  /** True where it was written: the record is finished here. */
  private settle(
    partition: ParkedPartition,
    record: ConsumedRecord,
    delivery: Delivery,
    written: Written | undefined,
  ): boolean {
    const { offset } = record;
    switch (written?.kind) {
      case 'written':
        partition.finish(offset, delivery.subscription);
        this.parts.burials.wasWritten();
        return true;
      case 'too-large':
        void this.parts.burials
          .bury(record, { reason: 'oversize', detail: written.detail }, delivery)
          .then(() => partition.finish(offset, delivery.subscription));
        return false;
      default:
        if (written) this.parts.observer.refused(written.error);
        partition.putBack(offset);
        return false;
    }
  }

  /** Where a commit has no room for all that is finished, what is oldest makes way for it: rewritten, never too often. */
  private async moveOn(partition: ParkedPartition, signal: AbortSignal): Promise<void> {
    const { owner, index } = partition;
    const { first } = index;
    if (!first || owner.tracker.fitsCommit || owner.lost) return;
    if (this.parts.now() - first.newestAtMs < REWRITE_AFTER_MS) return;
    const { reader, writer, topics, observer } = this.parts;
    await reader.read({
      partition: owner.partition,
      fromOffset: first.from,
      toOffset: first.to,
      signal,
      onRecords: async (records) => {
        const moving: ReadyRecord[] = [];
        for (const record of records) {
          if (!partition.waits(record.offset)) continue;
          const subscription = record.key?.toString('utf8') ?? '';
          partition.take(record.offset, subscription);
          const finish = () => partition.finish(record.offset, subscription);
          const delivery = this.decode(decodeDelivery, record, finish);
          if (delivery) moving.push({ record, delivery });
        }
        const written = await writer.write(
          moving.map(({ delivery }) => encodeDelivery(topics.parked, { ...delivery, hops: delivery.hops + 1 })),
        );
        for (const [at, { record, delivery }] of moving.entries())
          this.settle(partition, record, delivery, written[at]);
        observer.rewritten(moving.length);
      },
    });
  }

  /** `undefined`: it cannot be read, and is finished as soon as its dead letter is written. */
  private decode<T>(read: (record: ConsumedRecord) => T, record: ConsumedRecord, finish: () => void): T | undefined {
    try {
      return read(record);
    } catch (error) {
      if (!(error instanceof PoisonRecord)) throw error;
      void this.parts.burials.bury(record, error).then(finish);
      return undefined;
    }
  }
}

function hasWanted({ waiters }: Stretch, { wanted }: Look): boolean {
  if (wanted.size <= waiters.size) {
    for (const subscription of wanted.keys()) if (waiters.has(subscription)) return true;
    return false;
  }
  for (const subscription of waiters.keys()) if (wanted.has(subscription)) return true;
  return false;
}

function noteOldest(
  { index }: ParkedPartition,
  oldest: Map<number, Map<string, number>>,
  offset: number,
  subscription: string,
  runStartedAtMs: number,
): void {
  const from = index.stretchStart(offset);
  const ofStretch = oldest.get(from) ?? new Map<string, number>();
  ofStretch.set(subscription, Math.min(runStartedAtMs, ofStretch.get(subscription) ?? runStartedAtMs));
  oldest.set(from, ofStretch);
}
