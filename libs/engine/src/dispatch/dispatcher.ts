import type { Delivery } from '@hookstream/contracts';
import type { Endpoints } from '../endpoints/endpoints.js';
import { OrderedIntake } from '../fifo/ordered-intake.js';
import type { OrderedLimits } from '../fifo/ordered-memory.js';
import type { Release } from '../fifo/ordered-ports.js';
import { DeadLetterGuard } from '../guard/dead-letter-guard.js';
import { Intake, type FetchedBatch, type IntakeLimits, type IntakePorts } from '../intake/intake.js';
import type { BatchBounds } from '../lanes/gathering.js';
import { Lanes, type LaneLimits } from '../lanes/lanes.js';
import type { OwnedPartition, TopicPartition, TrackerTable } from '../tracker/tracker-table.js';
import {
  decodeItem,
  decodeOrderedItem,
  isOrdered,
  type DispatchItem,
  type OrderedDispatchItem,
} from './dispatch-item.js';
import type { DispatchObserver } from './dispatch-observer.js';
import type { OrderedLog } from './ordered-log.js';
import { EffectTooLarge, type EffectWriter, type Effects } from './effects.js';
import { AttemptNotBegun } from './attempt-not-begun.js';
import { DispatchBatch, gatheringOf } from './dispatch-batch.js';
import { isBurial, type Burial, type RecordHandler } from './record-handler.js';

export interface DispatcherParts {
  readonly trackers: TrackerTable;
  readonly endpoints: Endpoints;
  readonly handler: RecordHandler;
  readonly effects: EffectWriter;
  readonly observer: DispatchObserver;
  readonly flow: Pick<IntakePorts<DispatchItem>, 'pause' | 'resume'>;
  readonly limits: LaneLimits;
  readonly intakeLimits?: IntakeLimits;
  readonly ordered: OrderedLog;
  readonly orderedLimits?: OrderedLimits;
  /** What a subscription's requests may hold, for one that takes several deliveries in each. */
  readonly batchOf: (subscription: string) => BatchBounds | undefined;
  /** Asked before each start: the configuration is read, the membership sure. `pump` must be called when it opens. */
  readonly mayStart: () => boolean;
  /** A defect outside a record: nothing starts any more and the service must end. */
  readonly onFatal: (error: unknown) => void;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

interface Written {
  readonly report: number | undefined;
  readonly next: Delivery | undefined;
}

/** A partition that has been paused for this long is freed of what waits longer. */
const MAX_PAUSE_MS = 1_000;
/** Between two records that are tried while too many would be buried. */
const TRIAL_INTERVAL_MS = 1_000;
/** Some milliseconds of work, and with ten ticks a second more than a dispatcher is sent. */
const DIVERTED_PER_TICK = 500;

/**
 * From fetched batches to finished records. Intake fills the lanes, `pump` starts whatever may start, and each record is
 * finished in its tracker when all its effects are acknowledged: that alone moves the offset.
 */
export class Dispatcher {
  readonly lanes: Lanes<DispatchItem, DispatchBatch>;
  readonly intake: Intake<DispatchItem>;
  readonly ordered: OrderedIntake<OrderedDispatchItem>;
  private readonly guard: DeadLetterGuard;
  private stopped = false;
  /** Partitions are changing hands: nothing starts. */
  private isRebalancing = false;
  private diverting = 0;
  private triedAtMs = 0;
  private whenIdle: (() => void)[] = [];

  constructor(private readonly parts: DispatcherParts) {
    const { trackers, flow, limits, endpoints, observer, now, ordered } = parts;
    this.guard = new DeadLetterGuard((why) => observer.holdingBack(why));
    this.lanes = new Lanes(endpoints, limits, gatheringOf(parts.batchOf, now));
    this.intake = new Intake(
      trackers,
      this.lanes,
      {
        ...flow,
        now,
        decode: decodeItem,
        stays: (item, ahead) => this.stays(item, ahead),
        divert: (item, ahead) => void this.divert(item, ahead),
      },
      parts.intakeLimits,
    );
    this.ordered = new OrderedIntake(
      trackers,
      ordered.topics,
      {
        ...flow,
        now,
        decode: decodeOrderedItem,
        load: (range, onRecords) => ordered.read(range, onRecords),
        vanished: (queue, position) => ordered.vanished(queue, position),
        release: (item) => this.release(item),
        move: (item) => this.move(item),
      },
      parts.orderedLimits,
    );
  }

  /** Call for partitions whose trackers were assigned, before their records come. */
  async assigned(gained: readonly OwnedPartition[]): Promise<void> {
    const { ordered } = this.parts;
    const { topics } = ordered;
    if (!gained.some(({ topic }) => this.ordered.takes(topic))) return;
    // Only now: what a former owner wrote before it lost the partition is in.
    const [source, hold] = await Promise.all([ordered.ends(topics.source), ordered.ends(topics.hold)]);
    this.ordered.assign(gained, { source, hold });
  }

  /** Takes a fetched batch; waits for nothing. */
  accept(batch: FetchedBatch): void {
    if (this.ordered.takes(batch.topic)) this.ordered.accept(batch);
    else this.intake.accept(batch);
    this.pump();
  }

  /** The fetcher has passed offsets that hold no record at all. */
  skip(range: TopicPartition & { readonly lastOffset: number }): void {
    if (this.ordered.takes(range.topic)) this.ordered.skip(range);
    else this.intake.skip(range);
  }

  /** Why nothing starts, although it might: so much would become dead letters that the fault must be ours. */
  get heldBackBecause(): string | undefined {
    return this.guard.closedBecause;
  }

  /** Starts everything that may start now. */
  pump(): void {
    this.ordered.pump();
    while (this.mayStart() && this.guard.admits()) {
      const next = this.lanes.next();
      if (!next) return;
      this.intake.started(next.lane);
      if (next instanceof DispatchBatch) {
        void this.runTogether(next);
        continue;
      }
      if (isOrdered(next)) this.ordered.started(next);
      void this.run(next);
    }
  }

  /** To be called several times a second: sends elsewhere what waits too long, and asks again those who had to wait. */
  tick(): void {
    if (!this.mayStart()) return;
    const { endpoints } = this.parts;
    endpoints.tick();
    this.tryAgain();
    if (this.guard.closedBecause !== undefined) return this.pump();
    let left = DIVERTED_PER_TICK;
    for (const { lane, waiting, pausedMs } of [...this.intake.waiting()]) {
      const keep = endpoints.keeps(lane, waiting, pausedMs > MAX_PAUSE_MS ? MAX_PAUSE_MS : Infinity);
      const excess = Math.min(left, waiting - keep);
      if (excess > 0) this.intake.relieve(lane, waiting - excess);
      left -= Math.max(0, excess);
    }
    this.intake.settled();
    this.ordered.tick();
    this.lanes.wake();
    this.pump();
  }

  /** Ownership is in doubt until `confirmed`: what has not started does not. */
  rebalancing(): void {
    this.isRebalancing = true;
    const waiting: OrderedDispatchItem[] = [];
    this.lanes.drop((item) => isOrdered(item) && waiting.push(item) > 0);
    for (const item of waiting) this.ordered.retract(item);
  }

  /** The membership is sure. */
  confirmed(): void {
    this.isRebalancing = false;
    this.pump();
  }

  /** Another member does this partition's records now: what waits is dropped, what runs writes its report only. */
  lose(at: TopicPartition): void {
    const lost: OwnedPartition | undefined = this.parts.trackers.revoke(at);
    if (this.ordered.takes(at.topic)) {
      this.lanes.drop(({ owner }) => owner === lost);
      this.ordered.drop(at);
    } else if (lost) {
      this.intake.drop(lost);
    }
    this.parts.endpoints.forget(at.partition);
    this.pump();
  }

  /** Starts nothing more and resolves when all that was started is finished; what waits stays uncommitted. */
  drain(): Promise<void> {
    this.stopped = true;
    this.guard.giveUp();
    return this.idle();
  }

  /** Resolves when all that was started is finished. */
  idle(): Promise<void> {
    if (this.isIdle()) return Promise.resolve();
    return new Promise((resolve) => this.whenIdle.push(resolve));
  }

  /** Whatever is sent elsewhere is fenced like a request: its next owner would otherwise do it once more. */
  private stays(item: DispatchItem, ahead: number): boolean {
    if (item.work.kind !== 'delivery' || this.parts.endpoints.takes(item, ahead)) return true;
    return !this.mayStart() || this.guard.closedBecause !== undefined;
  }

  /** An ordered delivery, due and the first of its queue, goes the way of all others. */
  private release(item: OrderedDispatchItem): Release {
    if (!this.mayStart()) return 'full';
    const pausedUntilMs = this.parts.handler.pausedUntil(item);
    if (pausedUntilMs !== undefined) return pausedUntilMs;
    const ahead = this.lanes.queuedIn(item.lane);
    if (!this.stays(item, ahead)) {
      void this.divert(item, ahead);
      return 'started';
    }
    const enqueued = this.lanes.enqueue(item);
    return enqueued === 'queued' ? 'started' : enqueued;
  }

  private async move(item: OrderedDispatchItem): Promise<'moved' | 'ended'> {
    this.diverting += 1;
    try {
      const { next } = await this.write(item, await this.decide(item, () => this.parts.handler.move(item)));
      return next ? 'moved' : 'ended';
    } catch (error) {
      this.halt(error);
      // Not finished: its next reader moves it.
      return await new Promise(() => undefined);
    } finally {
      this.diverting -= 1;
      this.tellIdle();
    }
  }

  private async divert(item: DispatchItem, ahead: number): Promise<void> {
    this.diverting += 1;
    try {
      const slot = this.parts.endpoints.reserve(item, ahead);
      const { next } = await this.write(item, await this.decide(item, () => this.parts.handler.divert(item, slot)));
      this.finished(item, { report: undefined, next });
    } catch (error) {
      this.halt(error);
    }
    this.diverting -= 1;
    this.intake.diverted(item);
    this.tellIdle();
  }

  private mayStart(): boolean {
    return !this.stopped && !this.isRebalancing && this.parts.mayStart();
  }

  private isIdle(): boolean {
    return this.lanes.unsettled === 0 && this.diverting === 0;
  }

  private tellIdle(): void {
    if (this.isIdle()) for (const resolve of this.whenIdle.splice(0)) resolve();
  }

  private async run(item: DispatchItem): Promise<void> {
    try {
      const effects = await this.respond(item);
      this.finished(item, await this.write(item, effects));
    } catch (error) {
      if (error instanceof AttemptNotBegun) this.takeBack(item);
      else this.halt(error);
    }
    this.settled(item);
  }

  /** One request for all of them; each is judged, reported, finished and tried again for itself. */
  private async runTogether(batch: DispatchBatch): Promise<void> {
    const { items } = batch;
    const shared = this.parts.handler.sharedAttempt(() => items.every((item) => this.mayBegin(item)));
    const running = items.map((item) => {
      if (isOrdered(item)) this.ordered.started(item);
      const decided = this.decide(item, () => this.parts.handler.handle(item, () => this.mayBegin(item), shared));
      return { item, decided, isBegun: this.conclude(item, decided) };
    });
    shared.begin();
    await Promise.allSettled(running.map(({ decided }) => decided));
    this.lanes.responded(batch);
    this.pump();
    // From the last to the first: each goes before all others of its lane.
    for (const { item, isBegun } of running.reverse()) if (!(await isBegun)) this.takeBack(item);
    this.settled(batch);
  }

  /** False where its attempt did not begin. */
  private async conclude(item: DispatchItem, decided: Promise<Effects>): Promise<boolean> {
    try {
      this.finished(item, await this.write(item, await decided));
    } catch (error) {
      if (error instanceof AttemptNotBegun) return false;
      this.halt(error);
    }
    return true;
  }

  private finished(item: DispatchItem, { report, next }: Written): void {
    item.owner.tracker.finish(item.offset, report);
    if (isOrdered(item)) this.ordered.settled(item, next?.attempt);
  }

  private settled(started: DispatchItem | DispatchBatch): void {
    this.lanes.settled(started);
    this.intake.settled();
    this.pump();
    this.tellIdle();
  }

  /** The lane's next one may start as soon as the endpoint has answered, long before the effects are written. */
  private async respond(item: DispatchItem): Promise<Effects> {
    try {
      return await this.decide(item, () => this.parts.handler.handle(item, () => this.mayBegin(item)));
    } finally {
      this.lanes.responded(item);
      this.pump();
    }
  }

  /** Asked when a request is about to be written: what was waited for since its start may have taken any time. */
  private mayBegin(item: DispatchItem): boolean {
    return !item.owner.lost && !this.isRebalancing && this.parts.mayStart();
  }

  /** What has not begun after all waits again, before all others of its lane; of a lost partition it is the new owner's. */
  private takeBack(item: DispatchItem): void {
    if (item.owner.lost) return;
    if (isOrdered(item)) this.ordered.retract(item);
    else this.lanes.putBack(item);
  }

  /** Returns where the record's report lies, as far as that is known, and how its delivery goes on. */
  private async write(item: DispatchItem, effects: Effects): Promise<Written> {
    const { owner, offset } = item;
    if (effects.report) owner.tracker.reporting(offset);
    try {
      return { report: await this.parts.effects.write(effects, owner), next: effects.next };
    } catch (error) {
      if (!(error instanceof EffectTooLarge)) throw error;
      const burial = () => Promise.resolve(this.burialOf(item, error));
      return { report: await this.parts.effects.write(await this.decide(item, burial), owner), next: undefined };
    }
  }

  /** What becomes of a record. One that would be buried while too many are waits, and is handled once more. */
  private async decide(item: DispatchItem, handle: () => Promise<Effects | Burial>): Promise<Effects> {
    for (;;) {
      const effects = await handle().catch((error: unknown) => {
        if (error instanceof AttemptNotBegun) throw error;
        return this.burialOf(item, error);
      });
      if (!isBurial(effects)) {
        // What is only put off tells nothing.
        if (effects.report) this.guard.passed();
        return effects;
      }
      if (this.guard.tolerates(effects.reason)) return effects.bury();
      await this.guard.turn();
      if (item.owner.lost) return { followUps: [] };
    }
  }

  private burialOf(item: DispatchItem, defect: unknown): Burial {
    this.parts.observer.defect(defect);
    return this.parts.handler.burialOf(item, defect);
  }

  /** Once a second while nothing starts. */
  private tryAgain(): void {
    const nowMs = this.parts.now();
    if (this.guard.closedBecause === undefined || nowMs - this.triedAtMs < TRIAL_INTERVAL_MS) return;
    this.triedAtMs = nowMs;
    this.guard.tick();
  }

  /** The record stays unfinished: its offset is not committed and its next reader tries again. */
  private halt(error: unknown): void {
    if (this.stopped) return;
    this.stopped = true;
    this.parts.onFatal(error);
  }
}
