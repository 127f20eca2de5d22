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
import type { HttpSender } from '@hookstream/egress';
import { hopTopic } from '@hookstream/engine';
import type { DispatchItem } from './dispatch-item.js';
import type { DispatchObserver } from './dispatch-observer.js';
import type { Effects } from './effects.js';
import { judgeDelivery } from './judge-delivery.js';
import { judgeOutcome, type Standing } from './judge-outcome.js';
import { attemptReport, endingReport, type Ending } from './reports.js';
import type { SubscriptionInForce, SubscriptionTable } from './subscription-table.js';
import { buildRequest } from './webhook-request.js';

export interface RecordHandlerParts {
  readonly topics: Topics;
  readonly subscriptions: Pick<SubscriptionTable, 'get'>;
  readonly sender: Pick<HttpSender, 'sendRequest'>;
  readonly observer: DispatchObserver;
  readonly userAgent: string;
  /** A dead letter's raw value is cut here. */
  readonly maxEventBytes: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

/** Handles one record: judges it, makes the request if one is due, and says what has to be written. Writes nothing. */
export class RecordHandler {
  constructor(private readonly parts: RecordHandlerParts) {}

  /** @throws for a defect of ours only; whatever the endpoint does is data */
  async handle({ record, work }: DispatchItem): Promise<Effects> {
    switch (work.kind) {
      case 'delivery':
        return this.handleDelivery(work.delivery, record);
      case 'poison':
        return { followUps: [this.deadLetter(record, work.reason, work.detail)] };
      case 'defect':
        throw work.error;
    }
  }

  /** What becomes of a record whose handling failed by a defect. */
  buryDefect({ record, work }: DispatchItem, error: unknown): Effects {
    const detail = error instanceof Error ? `${error.name}: ${error.message}` : 'not an error';
    return work.kind === 'delivery'
      ? this.bury(work.delivery, record, 'defect', detail)
      : { followUps: [this.deadLetter(record, 'defect', detail)] };
  }

  private async handleDelivery(delivery: Delivery, record: ConsumedRecord): Promise<Effects> {
    const nowMs = this.parts.now();
    const verdict = judgeDelivery(delivery, this.parts.subscriptions.get(delivery.subscription), nowMs);
    switch (verdict.kind) {
      case 'attempt':
        return this.attempt(delivery, record, verdict.subscription);
      case 'wait': {
        const { reason, dueAtMs } = verdict;
        this.parts.observer.postponed(reason);
        return {
          followUps: [
            this.onward({ ...delivery, reason, dueAtMs, plannedAtMs: nowMs, hops: delivery.hops + 1 }, nowMs),
          ],
        };
      }
      case 'end':
        return { followUps: [], report: this.ending(delivery, record, { ...verdict, atMs: nowMs }) };
      case 'dead-letter':
        return this.bury(delivery, record, verdict.reason, verdict.detail);
    }
  }

  private async attempt(
    delivery: Delivery,
    record: ConsumedRecord,
    subscription: SubscriptionInForce,
  ): Promise<Effects> {
    const { sender, userAgent, now, random, topics, observer } = this.parts;
    const { document } = subscription;
    const startedAtMs = now();
    const built = buildRequest(delivery, subscription, userAgent, startedAtMs);
    if (!built.ok) return this.bury(delivery, record, built.reason, built.detail);

    const { request } = built;
    const outcome = await sender.sendRequest(request);
    const endedAtMs = now();
    const standing = judgeOutcome(delivery, document, outcome, endedAtMs, random());
    const finished = { delivery, record, configVersion: document.version, request, outcome, startedAtMs };
    const report = attemptReport(finished, standing);
    observer.attempted(report);
    return {
      followUps: this.followUpsOf(standing, endedAtMs),
      report: encodeReport(topics.attempts, record.partition, report),
    };
  }

  private followUpsOf({ next, command }: Standing, nowMs: number): OutgoingRecord[] {
    const followUps: OutgoingRecord[] = [];
    if (next) followUps.push(this.onward(next, nowMs));
    if (command) followUps.push(encodeCommand(this.parts.topics.commands, command));
    return followUps;
  }

  private onward(delivery: Delivery, nowMs: number): OutgoingRecord {
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
