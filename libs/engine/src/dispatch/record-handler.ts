import {
  encodeCommand,
  encodeDelivery,
  encodeReport,
  fittingDeadLetter,
  type ConsumedRecord,
  type DeadLetterCause,
  type Delivery,
  type OutgoingRecord,
  type Topics,
} from '@hookstream/contracts';
import type { AttemptMaker, AttemptOutcome, AttemptWithheld, NotYet, PreparedAttempt } from './attempts.js';
import type { AttemptEnd, Slot } from '../endpoints/endpoint.js';
import type { Candidate, Endpoints } from '../endpoints/endpoints.js';
import { hopTopic } from '../ladder/plan-hop.js';
import type { DispatchItem } from './dispatch-item.js';
import type { DispatchObserver } from './dispatch-observer.js';
import type { Effects } from './effects.js';
import { judgeDelivery, type Verdict } from './judge-delivery.js';
import { judgeOutcome, type Standing } from './judge-outcome.js';
import type { NewestRuns } from './newest-runs.js';
import { OrderedPauses } from './ordered-pauses.js';
import { attemptReport, endingReport, type Ending, type FinishedAttempt } from './reports.js';
import { AttemptNotBegun } from './attempt-not-begun.js';
import { attemptTogether } from './attempt-together.js';
import { SharedAttempt } from './shared-attempt.js';
import type { SubscriptionInForce, SubscriptionTable } from './subscription-table.js';

export interface RecordHandlerParts {
  readonly topics: Topics;
  readonly subscriptions: Pick<SubscriptionTable, 'get'>;
  readonly attempts: AttemptMaker;
  readonly endpoints: Pick<Endpoints, 'begin' | 'beginPreparing'>;
  readonly runs: NewestRuns;
  readonly observer: DispatchObserver;
  /** A dead letter's raw value is cut here. */
  readonly maxEventBytes: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** False where this process may have been stopped for a while: that a request got no answer is its own fault then. */
  readonly mayBlame: () => boolean;
}

/** A record that would become a dead letter for a reason of ours, unless its handling goes better another time. */
export interface Burial {
  readonly reason: string;
  /** What has to be written when it does. */
  readonly bury: () => Effects;
}

export function isBurial(effects: Effects | Burial): effects is Burial {
  return 'bury' in effects;
}

/** What would be parked looks again after this where it must keep its order: it never leaves its own topics. So does a test. */
const ORDERED_LOOK_MS = 15_000;
/** Between two looks at what a request is to be made of. */
const FIRST_PUT_OFF_MS = 2_000;
const MAX_PUT_OFF_MS = 5 * 60_000;
/** So that those that came together do not come back together. */
const PUT_OFF_SPREAD = 0.2;
const SUPERSEDED: Verdict = { kind: 'end', state: 'cancelled', reason: 'superseded' };
type Started = ReturnType<Endpoints['begin']>;

/** Nothing has to be written: another record of the same work has its effects. */
const NOTHING: Effects = { followUps: [] };

/** Handles one record: judges it, makes the request if one is due, and says what has to be written. Writes nothing. */
export class RecordHandler {
  /** Failed by a defect, perhaps after their attempt had begun: handled again, they are no repeats. */
  private readonly failed = new WeakSet<DispatchItem>();
  private readonly pauses = new OrderedPauses();

  constructor(private readonly parts: RecordHandlerParts) {}

  /**
   * @param mayBegin asked right before a request is written
   * @param shared the attempt that it makes with others, as long as that is open
   * @throws AttemptNotBegun, or a defect of ours; whatever the endpoint does is data
   */
  async handle(item: DispatchItem, mayBegin: () => boolean, shared?: SharedAttempt): Promise<Effects | Burial> {
    const { record, work } = item;
    switch (work.kind) {
      case 'delivery':
        return this.judge(work.delivery, item, (subscription) => {
          if (!this.isFirst(work.delivery, item)) return NOTHING;
          if (shared?.isOpen) return shared.join(work.delivery, item, subscription);
          return this.attempt(work.delivery, item, subscription, mayBegin);
        });
      case 'poison':
        return burial(work.reason, () => ({ followUps: [this.deadLetter(record, work.reason, work.detail)] }));
      case 'defect':
        throw work.error;
    }
  }

  /** For records that are handled at once, then begun; `mayBegin` is asked right before their request is written. */
  sharedAttempt(mayBegin: () => boolean): SharedAttempt {
    const { attempts, now, random } = this.parts;
    const hands = {
      ...{ attempts, now, random },
      begin: (item: DispatchItem) => this.parts.endpoints.beginPreparing(candidateOf(item), eventOf(item)),
      isInForce: (subscription: SubscriptionInForce) =>
        this.parts.subscriptions.get(subscription.document.id) === subscription,
      notYet: this.notYet.bind(this),
      send: this.send.bind(this),
      effectsOf: this.effectsOf.bind(this),
      bury: this.bury.bind(this),
    };
    return new SharedAttempt((members) => attemptTogether(members, mayBegin, hands));
  }

  /** What becomes of a record whose handling failed by a defect. */
  burialOf(item: DispatchItem, error: unknown): Burial {
    const { record, work } = item;
    this.failed.add(item);
    const detail = error instanceof Error ? `${error.name}: ${error.message}` : 'not an error';
    return burial('defect', () =>
      work.kind === 'delivery'
        ? this.bury(work.delivery, record, 'defect', detail)
        : { followUps: [this.deadLetter(record, 'defect', detail)] },
    );
  }

  /** Lets a record that cannot start soon come again at its slot. It is no attempt, unless there is none to be made. */
  async divert(item: DispatchItem, slot: Slot): Promise<Effects | Burial> {
    const { work } = item;
    if (work.kind !== 'delivery') throw new Error('only a delivery can be diverted');
    const { dueAtMs, reason } = slot;
    return this.judge(work.delivery, item, () =>
      dueAtMs === undefined ? this.park(work.delivery, reason) : this.postpone(work.delivery, { dueAtMs, reason }),
    );
  }

  /** Lets a record wait in `fifo.hold` as it is. */
  async move(item: DispatchItem): Promise<Effects | Burial> {
    const { work } = item;
    if (work.kind !== 'delivery') return this.handle(item, () => true);
    const next = { ...work.delivery, hops: work.delivery.hops + 1 };
    return { followUps: [encodeDelivery(this.parts.topics.fifoHold, next)], next };
  }

  /** When to look again at an ordered record whose subscription is paused; undefined where it is not, or the run is over. */
  pausedUntil({ work }: DispatchItem): number | undefined {
    if (work.kind !== 'delivery') return undefined;
    const entry = this.parts.subscriptions.get(work.delivery.subscription);
    return this.pauses.lookAgainAt(work.delivery, entry, this.parts.now());
  }

  private async judge(
    delivery: Delivery,
    item: DispatchItem,
    onAttempt: (subscription: SubscriptionInForce) => Effects | Promise<Effects>,
  ): Promise<Effects | Burial> {
    const { record } = item;
    const nowMs = this.parts.now();
    const { runs, subscriptions } = this.parts;
    runs.note(delivery.id, delivery);
    const verdict = runs.supersedes(delivery.id, delivery)
      ? SUPERSEDED
      : judgeDelivery(delivery, subscriptions.get(delivery.subscription), nowMs);
    switch (verdict.kind) {
      case 'attempt':
        return onAttempt(verdict.subscription);
      case 'wait':
        return this.postpone(delivery, verdict);
      case 'park':
        return this.park(delivery, verdict.reason);
      case 'end':
        if (!this.isFirst(delivery, item)) return NOTHING;
        return { followUps: [], report: this.ending(delivery, record, { ...verdict, atMs: nowMs }) };
      case 'dead-letter':
        return burial(verdict.reason, () =>
          this.isFirst(delivery, item) ? this.bury(delivery, record, verdict.reason, verdict.detail) : NOTHING,
        );
    }
  }

  /** False for another record of an attempt that has begun or ended, such as one moved twice on its way here. */
  private isFirst({ id, run, attempt, hops }: Delivery, item: DispatchItem): boolean {
    const isFirst = item.owner.handled.begin({ id, run, attempt, hops }) || this.failed.has(item);
    if (!isFirst) this.parts.observer.repeated();
    return isFirst;
  }

  private postpone(delivery: Delivery, { dueAtMs, reason }: Pick<Delivery, 'dueAtMs' | 'reason'>): Effects {
    const nowMs = this.parts.now();
    this.parts.observer.postponed(reason);
    const next = { ...delivery, reason, dueAtMs, plannedAtMs: nowMs, hops: delivery.hops + 1 };
    return { followUps: [this.onward(next, nowMs)], next };
  }

  /** It waits until the scheduler finds that it can start; it is due already, as soon as it comes back. */
  private park(delivery: Delivery, reason: Delivery['reason']): Effects {
    const nowMs = this.parts.now();
    if (delivery.order || delivery.test) return this.postpone(delivery, { dueAtMs: nowMs + ORDERED_LOOK_MS, reason });
    this.parts.observer.postponed(reason);
    const waiting = { ...delivery, reason, dueAtMs: nowMs, plannedAtMs: nowMs, hops: delivery.hops + 1 };
    return { followUps: [encodeDelivery(this.parts.topics.parked, waiting)] };
  }

  private async attempt(
    delivery: Delivery,
    item: DispatchItem,
    subscription: SubscriptionInForce,
    mayBegin: () => boolean,
  ): Promise<Effects> {
    const { attempts, now, random } = this.parts;
    const { record } = item;
    const { document } = subscription;
    const startedAtMs = now();
    let prepared = attempts.prepare(delivery, subscription, startedAtMs);
    let begun: Started | undefined;
    if (prepared instanceof Promise) {
      // Its place and its share of the rate are taken before anything is awaited: the lane has admitted no more than that.
      const preparing = this.parts.endpoints.beginPreparing(candidateOf(item), eventOf(item));
      begun = preparing;
      prepared = await abandonedWhereNot(prepared, begun);
      if (prepared.ok) this.stillInForce(delivery, item, subscription, begun);
      preparing.asks();
    }
    if (!prepared.ok) {
      if ('notBeforeMs' in prepared) return this.notYet(delivery, item, prepared);
      return this.bury(delivery, record, prepared.reason, prepared.detail);
    }
    const { request, send } = prepared;
    const [outcome, standing] = await this.send(
      () => send(mayBegin),
      item,
      (answer) => judgeOutcome(delivery, document, answer, { startedAtMs, endedAtMs: now() }, random()),
      begun,
    ).catch((error: unknown) => {
      if (error instanceof AttemptNotBegun) item.owner.handled.retract(delivery);
      throw error;
    });
    return this.effectsOf({ delivery, record, document, request, outcome, startedAtMs }, standing);
  }

  private effectsOf(finished: FinishedAttempt, standing: Standing): Effects {
    const { now, topics, observer } = this.parts;
    if (standing.command?.kind === 'pause-subscription') this.pauses.begin(finished.document, now());
    const report = attemptReport(finished, standing);
    observer.attempted(report);
    return {
      followUps: this.followUpsOf(standing, now()),
      report: encodeReport(topics.attempts, finished.record.partition, report),
      ...(standing.next && { next: standing.next }),
    };
  }

  /** The endpoint's record is kept whatever happens here. */
  private async send(
    send: () => Promise<AttemptOutcome | AttemptWithheld>,
    item: DispatchItem,
    judge: (outcome: AttemptOutcome) => Standing,
    started: Started = this.begin(item),
  ): Promise<readonly [AttemptOutcome, Standing]> {
    try {
      const outcome = await send();
      if (outcome.kind === 'withheld') throw new AttemptNotBegun('it might not begin any more');
      const standing = judge(outcome);
      if (outcome.kind === 'failure' && (outcome.notAsked || !this.parts.mayBlame())) started.abandon();
      else started.end(attemptEnd(outcome, standing));
      return [outcome, standing];
    } catch (error) {
      started.abandon();
      throw error;
    }
  }

  private begin(item: DispatchItem): Started {
    return this.parts.endpoints.begin(candidateOf(item), eventOf(item));
  }

  /** What took its time was prepared by settings that may be others now: the record is judged anew. */
  private stillInForce(delivery: Delivery, item: DispatchItem, prepared: SubscriptionInForce, begun: Started): void {
    if (this.parts.subscriptions.get(delivery.subscription) === prepared) return;
    begun.abandon();
    item.owner.handled.retract(delivery);
    throw new AttemptNotBegun('its settings have changed');
  }

  private notYet(delivery: Delivery, item: DispatchItem, { notBeforeMs, detail }: NotYet): Effects {
    this.parts.observer.notYet(delivery, detail);
    item.owner.handled.retract(delivery);
    return this.putOff(delivery, notBeforeMs);
  }

  /** The next look is twice as far away as the one before, between two seconds and five minutes. */
  private putOff(delivery: Delivery, notBeforeMs: number): Effects {
    const reason = 'entity-unavailable';
    const beforeMs = delivery.reason === reason ? delivery.dueAtMs - delivery.plannedAtMs : 0;
    const doubledMs = Math.min(MAX_PUT_OFF_MS, Math.max(FIRST_PUT_OFF_MS, 2 * beforeMs));
    const spread = 1 + PUT_OFF_SPREAD * this.parts.random();
    const delayMs = Math.round(Math.min(MAX_PUT_OFF_MS, doubledMs * spread));
    return this.postpone(delivery, { dueAtMs: Math.max(notBeforeMs, this.parts.now() + delayMs), reason });
  }

  private followUpsOf({ next, command }: Standing, nowMs: number): OutgoingRecord[] {
    const followUps: OutgoingRecord[] = [];
    if (next) followUps.push(this.onward(next, nowMs));
    if (command) followUps.push(encodeCommand(this.parts.topics.commands, command));
    return followUps;
  }

  /** What must keep its order never leaves for a delay topic: its wait is a record of `fifo.hold`. */
  private onward(delivery: Delivery, nowMs: number): OutgoingRecord {
    if (delivery.order) return encodeDelivery(this.parts.topics.fifoHold, delivery);
    return encodeDelivery(hopTopic(this.parts.topics, delivery, nowMs), delivery);
  }

  private bury(delivery: Delivery, record: ConsumedRecord, reason: string, detail: string): Effects {
    const ending = { state: 'dead-lettered', reason, atMs: this.parts.now() } as const;
    const { organization, event, id, subscription } = delivery;
    const letter = this.deadLetter(record, reason, detail, {
      organization,
      event: event.id,
      delivery: id,
      subscription,
    });
    return { followUps: [letter], report: this.ending(delivery, record, ending) };
  }

  private ending(delivery: Delivery, record: ConsumedRecord, ending: Ending): OutgoingRecord {
    this.parts.observer.ended(ending.state, ending.reason);
    return encodeReport(this.parts.topics.attempts, record.partition, endingReport(delivery, record, ending));
  }

  private deadLetter(
    record: ConsumedRecord,
    reason: string,
    detail: string,
    about: Pick<DeadLetterCause, 'organization' | 'event' | 'delivery' | 'subscription'> = {},
  ): OutgoingRecord {
    this.parts.observer.deadLettered(record, reason, detail);
    const cause = { ...about, reason, detail, stage: 'dispatcher', atMs: this.parts.now() } as const;
    return fittingDeadLetter(this.parts.topics.deadLetters, record, cause, this.parts.maxEventBytes);
  }
}

/** A test has a lane of its own, but what becomes of it tells of its endpoint like any other attempt. */
function candidateOf(item: DispatchItem): Candidate {
  if (item.work.kind !== 'delivery' || !item.work.delivery.test) return item;
  return { lane: item.work.delivery.subscription, partition: item.partition, ownSchedule: false };
}

function eventOf({ work }: DispatchItem): string {
  return work.kind === 'delivery' ? work.delivery.event.id : '';
}

/** What was begun for an attempt that cannot be made tells nothing of its endpoint. */
async function abandonedWhereNot(
  preparing: Promise<PreparedAttempt>,
  begun: Started | undefined,
): Promise<PreparedAttempt> {
  try {
    const prepared = await preparing;
    if (!prepared.ok) begun?.abandon();
    return prepared;
  } catch (error) {
    begun?.abandon();
    throw error;
  }
}

function burial(reason: string, bury: () => Effects): Burial {
  return { reason, bury };
}

/** An answer that the subscription means to end its run is no fault of the endpoint. */
function attemptEnd(outcome: AttemptOutcome, { state, reason, holdMs = 0 }: Standing): AttemptEnd {
  const meant = reason === 'gone' || reason === 'non-retryable-status';
  if (state === 'delivered' || meant) return { result: 'success', congested: false, holdMs };
  const congested =
    outcome.kind === 'failure' ? outcome.class === 'timeout' : outcome.status === 429 || outcome.status >= 500;
  return { result: 'failure', congested, holdMs };
}
