import { DEFAULT_CONCURRENCY } from '@hookstream/domain';
import {
  Intake,
  Lanes,
  type FetchedBatch,
  type IntakePorts,
  type LaneLimits,
  type LaneView,
  type OwnedPartition,
  type TopicPartition,
  type TrackerTable,
} from '@hookstream/engine';
import { DefectGuard } from './defect-guard.js';
import { decodeItem, type DispatchItem } from './dispatch-item.js';
import type { DispatchObserver } from './dispatch-observer.js';
import { EffectTooLarge, type EffectWriter, type Effects } from './effects.js';
import type { RecordHandler } from './record-handler.js';
import type { SubscriptionTable } from './subscription-table.js';

export interface DispatcherParts {
  readonly trackers: TrackerTable;
  readonly subscriptions: Pick<SubscriptionTable, 'get'>;
  readonly handler: RecordHandler;
  readonly effects: EffectWriter;
  readonly observer: DispatchObserver;
  readonly flow: Pick<IntakePorts<DispatchItem>, 'pause' | 'resume'>;
  readonly limits: LaneLimits;
  /** Asked before each start: the configuration is read, the membership sure. `pump` must be called when it opens. */
  readonly mayStart: () => boolean;
  /** Too many defects, or one outside a record: nothing starts any more and the service must end. */
  readonly onFatal: (error: unknown) => void;
}

/**
 * From fetched batches to finished records. Intake fills the lanes, `pump` starts whatever may start, and each record is
 * finished in its tracker when all its effects are acknowledged: that alone moves the offset.
 */
export class Dispatcher {
  readonly lanes: Lanes<DispatchItem>;
  readonly intake: Intake<DispatchItem>;
  private readonly guard = new DefectGuard();
  private stopped = false;
  private whenIdle: (() => void)[] = [];

  constructor(private readonly parts: DispatcherParts) {
    const { trackers, flow, limits } = parts;
    this.lanes = new Lanes<DispatchItem>({ admits: (lane) => this.admits(lane) }, limits);
    this.intake = new Intake(trackers, this.lanes, { ...flow, decode: decodeItem });
  }

  /** Takes a fetched batch; waits for nothing. */
  accept(batch: FetchedBatch): void {
    this.intake.accept(batch);
    this.pump();
  }

  /** Starts everything that may start now. */
  pump(): void {
    while (!this.stopped && this.parts.mayStart()) {
      const item = this.lanes.next();
      if (!item) return;
      this.intake.started(item.lane);
      void this.run(item);
    }
  }

  /** Another member does this partition's records now: what waits is dropped, what runs writes its report only. */
  lose(at: TopicPartition): void {
    const lost: OwnedPartition | undefined = this.parts.trackers.revoke(at);
    if (lost) this.intake.drop(lost);
    this.pump();
  }

  /** Starts nothing more and resolves when all that was started is finished; what waits stays uncommitted. */
  drain(): Promise<void> {
    this.stopped = true;
    if (this.lanes.unsettled === 0) return Promise.resolve();
    return new Promise((resolve) => this.whenIdle.push(resolve));
  }

  private admits({ key, inFlight }: LaneView): boolean {
    const entry = this.parts.subscriptions.get(key);
    const concurrency =
      entry?.kind === 'subscription' ? entry.document.settings.rateLimit.concurrency : DEFAULT_CONCURRENCY;
    return inFlight < Math.max(1, concurrency);
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
    if (this.lanes.unsettled === 0) for (const resolve of this.whenIdle.splice(0)) resolve();
  }

  /** The lane's next one may start as soon as the endpoint has answered, long before the effects are written. */
  private async respond(item: DispatchItem): Promise<Effects> {
    try {
      const effects = await this.parts.handler.handle(item);
      this.guard.passed();
      return effects;
    } catch (error) {
      return this.bury(item, error);
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
      return await this.parts.effects.write(this.bury(item, error), owner);
    }
  }

  /** @throws the defect where there have been too many of them */
  private bury(item: DispatchItem, defect: unknown): Effects {
    this.parts.observer.defect(defect);
    if (!this.guard.tolerates()) throw defect;
    return this.parts.handler.buryDefect(item, defect);
  }

  /** The record stays unfinished: its offset is not committed and its next reader tries again. */
  private halt(error: unknown): void {
    if (this.stopped) return;
    this.stopped = true;
    this.parts.onFatal(error);
  }
}
