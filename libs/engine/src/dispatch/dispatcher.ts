import type { Endpoints } from '../endpoints/endpoints.js';
import { DeadLetterGuard } from '../guard/dead-letter-guard.js';
import { Intake, type FetchedBatch, type IntakeLimits, type IntakePorts } from '../intake/intake.js';
import { Lanes, type LaneLimits } from '../lanes/lanes.js';
import type { OwnedPartition, TopicPartition, TrackerTable } from '../tracker/tracker-table.js';
import { decodeItem, type DispatchItem } from './dispatch-item.js';
import type { DispatchObserver } from './dispatch-observer.js';
import { EffectTooLarge, type EffectWriter, type Effects } from './effects.js';
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
  /** Asked before each start: the configuration is read, the membership sure. `pump` must be called when it opens. */
  readonly mayStart: () => boolean;
  /** A defect outside a record: nothing starts any more and the service must end. */
  readonly onFatal: (error: unknown) => void;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** A partition that has been paused for this long is freed of what waits longer. */
const MAX_PAUSE_MS = 1_000;
/** Between two records that are tried while too many would be buried. */
const TRIAL_INTERVAL_MS = 1_000;
/** Some ten milliseconds of work. */
const DIVERTED_PER_TICK = 2_000;

/**
 * From fetched batches to finished records. Intake fills the lanes, `pump` starts whatever may start, and each record is
 * finished in its tracker when all its effects are acknowledged: that alone moves the offset.
 */
export class Dispatcher {
  readonly lanes: Lanes<DispatchItem>;
  readonly intake: Intake<DispatchItem>;
  private readonly guard: DeadLetterGuard;
  private stopped = false;
  private diverting = 0;
  private triedAtMs = 0;
  private whenIdle: (() => void)[] = [];

  constructor(private readonly parts: DispatcherParts) {
    const { trackers, flow, limits, endpoints, observer, now } = parts;
    this.guard = new DeadLetterGuard((why) => observer.holdingBack(why));
    this.lanes = new Lanes<DispatchItem>(endpoints, limits);
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
  }

  /** Takes a fetched batch; waits for nothing. */
  accept(batch: FetchedBatch): void {
    this.intake.accept(batch);
    this.pump();
  }

  /** Why nothing starts, although it might: so much would become dead letters that the fault must be ours. */
  get heldBackBecause(): string | undefined {
    return this.guard.closedBecause;
  }

  /** Starts everything that may start now. */
  pump(): void {
    while (!this.stopped && this.parts.mayStart() && this.guard.admits()) {
      const item = this.lanes.next();
      if (!item) return;
      this.intake.started(item.lane);
      void this.run(item);
    }
  }

  /** To be called several times a second: sends elsewhere what waits too long, and asks again those who had to wait. */
  tick(): void {
    if (this.stopped || !this.parts.mayStart()) return;
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
    this.lanes.wake();
    this.pump();
  }

  /** Another member does this partition's records now: what waits is dropped, what runs writes its report only. */
  lose(at: TopicPartition): void {
    const lost: OwnedPartition | undefined = this.parts.trackers.revoke(at);
    if (lost) this.intake.drop(lost);
    this.parts.endpoints.forget(at.partition);
    this.pump();
  }

  /** Starts nothing more and resolves when all that was started is finished; what waits stays uncommitted. */
  drain(): Promise<void> {
    this.stopped = true;
    this.guard.giveUp();
    if (this.isIdle()) return Promise.resolve();
    return new Promise((resolve) => this.whenIdle.push(resolve));
  }

  /** Whatever is sent elsewhere is fenced like a request: its next owner would otherwise do it once more. */
  private stays(item: DispatchItem, ahead: number): boolean {
    if (item.work.kind !== 'delivery' || this.parts.endpoints.takes(item, ahead)) return true;
    return this.stopped || !this.parts.mayStart() || this.guard.closedBecause !== undefined;
  }

  private async divert(item: DispatchItem, ahead: number): Promise<void> {
    this.diverting += 1;
    try {
      const slot = this.parts.endpoints.reserve(item, ahead);
      await this.write(item, await this.decide(item, () => this.parts.handler.divert(item, slot)));
      item.owner.tracker.finish(item.offset);
    } catch (error) {
      this.halt(error);
    }
    this.diverting -= 1;
    this.intake.diverted(item);
    this.tellIdle();
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
      const report = await this.write(item, effects);
      item.owner.tracker.finish(item.offset, report);
    } catch (error) {
      this.halt(error);
    }
    this.lanes.settled(item);
    this.intake.settled();
    this.pump();
    this.tellIdle();
  }

  /** The lane's next one may start as soon as the endpoint has answered, long before the effects are written. */
  private async respond(item: DispatchItem): Promise<Effects> {
    try {
      return await this.decide(item, () => this.parts.handler.handle(item));
    } finally {
      this.lanes.responded(item);
      this.pump();
    }
  }

  /** Returns where the record's report lies, as far as that is known. */
  private async write(item: DispatchItem, effects: Effects): Promise<number | undefined> {
    const { owner, offset } = item;
    if (effects.report) owner.tracker.reporting(offset);
    try {
      return await this.parts.effects.write(effects, owner);
    } catch (error) {
      if (!(error instanceof EffectTooLarge)) throw error;
      const burial = () => Promise.resolve(this.burialOf(item, error));
      return await this.parts.effects.write(await this.decide(item, burial), owner);
    }
  }

  /** What becomes of a record. One that would be buried while too many are waits, and is handled once more. */
  private async decide(item: DispatchItem, handle: () => Promise<Effects | Burial>): Promise<Effects> {
    for (;;) {
      const effects = await handle().catch((error: unknown) => this.burialOf(item, error));
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
