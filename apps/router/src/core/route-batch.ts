import { PoisonRecord, type EventId, type HookEvent, type OrganizationId, type Subscription } from '@hookstream/domain';
import type { SubscriptionFilters } from '@hookstream/filters';
import {
  fittingDeadLetter,
  decodeIngress,
  type ConsumedRecord,
  type DeadLetterCause,
  type EndpointState,
  type OutgoingRecord,
  type SourceMapping,
  type Topics,
} from '@hookstream/contracts';
import { describeViolations, type Violation } from '@hookstream/schemas';
import { EffectWriter, type Effect, type EffectLog } from './effect-log.js';
import { firstStop } from './first-stop.js';
import type { Partition, PartitionMemories, PartitionMemory } from './partition-memory.js';
import { RoutedPacker } from './routed-packer.js';
import { decideRouting, deliveryRecord, routedEvent, type Match, type RoutingDecision } from './routing-decision.js';
import { TallyCounter, type RoutingTally } from './routing-tally.js';

/** Records of one ingress partition, in order. */
export interface IngressBatch extends Partition {
  readonly records: readonly ConsumedRecord[];
}

/** The configuration in force. */
interface RoutingConfiguration {
  match(event: { readonly organization: OrganizationId; readonly type: string }): readonly Subscription[];
  filtersOf(subscription: Subscription): SubscriptionFilters | undefined;
  resolveOrganization(idOrExternalId: string): OrganizationId | undefined;
  mappingOf(topic: string): SourceMapping;
  /** Where an event's data is not as its type declares. */
  violations(event: HookEvent): readonly Violation[];
}

export interface BatchRouterParts {
  readonly topics: Pick<Topics, 'deliveries' | 'deliveriesFifo' | 'parked' | 'routed' | 'deadLetters'>;
  readonly configuration: RoutingConfiguration;
  /** What is known of a subscription's endpoint, where it is not healthy. */
  readonly endpoint: (subscription: string) => EndpointState | undefined;
  readonly effects: EffectLog;
  readonly memories: PartitionMemories;
  /** Largest value of an ingress record, bytes. */
  readonly maxEventBytes: number;
  readonly nowMs: () => number;
  /** Lets other work run; awaited between stretches of about ten milliseconds. */
  readonly yieldToOthers: () => Promise<void>;
  /** A defect was met: someone must act, although the record is in the dead letters. */
  readonly onDefect: (error: unknown, record: ConsumedRecord) => void;
}

type Verdict =
  | { readonly kind: 'route'; readonly decision: RoutingDecision }
  | { readonly kind: 'repeat' }
  | { readonly kind: 'bury'; readonly cause: DeadLetterCause };

const RECORDS_BETWEEN_YIELDS = 200;
/** So long all partitions' batches are written to one partition of `routed`: a dozen small ones cost the broker and the log more. */
const ROUTED_TOGETHER_MS = 100;
/** Where expressions of filters cost much, a few events take as long as two hundred. */
const LONG_STRETCH_MS = 20;

const routedKey = (nowMs: number): string => String(Math.floor(nowMs / ROUTED_TOGETHER_MS));

/**
 * Turns a batch of ingress records into deliveries, dead letters and a report for the log.
 *
 * It resolves when every effect is acknowledged, so that offsets may be committed, and rejects when one is not: the same
 * batch again then repeats the same effects under the same ids. One bad record costs a dead letter, never the batch.
 */
export class BatchRouter {
  constructor(private readonly parts: BatchRouterParts) {}

  async route(batch: IngressBatch): Promise<RoutingTally> {
    const effects = new EffectWriter(this.parts.effects);
    try {
      return await this.routeInto(batch, effects);
    } finally {
      // Nothing of this batch may be under way any more when it is tried again.
      await effects.settled();
    }
  }

  private async routeInto(batch: IngressBatch, effects: EffectWriter): Promise<RoutingTally> {
    const memory = this.parts.memories.of(batch);
    const packer = new RoutedPacker(this.parts.topics.routed, routedKey(this.parts.nowMs()));
    const handled = new Set<EventId>();
    const counter = new TallyCounter();
    let stretchBeganAtMs = this.parts.nowMs();
    for (const [index, record] of batch.records.entries()) {
      const isLong = this.parts.nowMs() - stretchBeganAtMs >= LONG_STRETCH_MS;
      if (isLong || index % RECORDS_BETWEEN_YIELDS === RECORDS_BETWEEN_YIELDS - 1) {
        await this.parts.yieldToOthers();
        stretchBeganAtMs = this.parts.nowMs();
      }
      const verdict = this.judge(record, memory, handled);
      switch (verdict.kind) {
        case 'repeat':
          counter.countRepeat();
          break;
        case 'bury':
          counter.countDeadLetter(verdict.cause.reason);
          await effects.add(this.burial(record, verdict.cause));
          break;
        case 'route': {
          const { decision } = verdict;
          handled.add(decision.event.attributes.id);
          counter.countEvent(decision);
          for (const full of packer.add(routedEvent(decision), decision.eventBytes.length)) {
            await effects.add({ record: full });
          }
          for (const match of decision.matched) {
            await effects.add(this.delivery(record, decision, match, counter));
          }
        }
      }
    }
    for (const last of packer.rest()) await effects.add({ record: last });
    await effects.settled();
    for (const id of handled) memory.handled.add(id);
    return counter.tally(batch.records.length);
  }

  private judge(record: ConsumedRecord, memory: PartitionMemory, handled: ReadonlySet<EventId>): Verdict {
    const { configuration, maxEventBytes } = this.parts;
    try {
      const event = decodeIngress(record, configuration.mappingOf(record.topic), {
        maxEventBytes,
        resolveOrganization: (name) => configuration.resolveOrganization(name),
      });
      const { id } = event.attributes;
      const repeat = handled.has(id) || memory.handled.has(id);
      const verdict: Verdict = repeat ? { kind: 'repeat' } : this.judgeEvent(event);
      memory.countHandled();
      return verdict;
    } catch (error) {
      if (error instanceof PoisonRecord) {
        memory.countHandled();
        return { kind: 'bury', cause: this.causeOf(error.reason, error.detail) };
      }
      memory.countDefect();
      this.parts.onDefect(error, record);
      return { kind: 'bury', cause: this.causeOf('defect', 'an error of ours, see the log of the router') };
    }
  }

  private judgeEvent(event: HookEvent): Verdict {
    const { configuration, nowMs } = this.parts;
    const { attributes } = event;
    const violations = configuration.violations(event);
    if (violations.length > 0) {
      const detail = `${attributes.type}: ${describeViolations(violations)}`;
      const { id, organization } = attributes;
      return { kind: 'bury', cause: { ...this.causeOf('schema-invalid', detail), organization, event: id } };
    }
    const filtersOf = (subscription: Subscription) => configuration.filtersOf(subscription);
    return { kind: 'route', decision: decideRouting(event, configuration.match(attributes), filtersOf, nowMs()) };
  }

  private delivery(record: ConsumedRecord, decision: RoutingDecision, match: Match, counter: TallyCounter): Effect {
    const { id: event, organization } = decision.event.attributes;
    const ifTooLarge = () => {
      const cause = this.causeOf('oversize', 'the delivery is larger than its topic takes');
      counter.countDeadLetter(cause.reason);
      const { delivery, subscription } = match;
      return this.deadLetter(record, { ...cause, organization, event, delivery, subscription: subscription.id });
    };
    const { topics, endpoint } = this.parts;
    const { subscription } = match;
    const stop = firstStop(topics, subscription, endpoint(subscription.id), decision.routedAtMs);
    counter.countStop(stop.reason);
    const ordered = subscription.settings.ordering !== undefined;
    return { record: deliveryRecord(stop, decision, match, record.key), ifTooLarge, ordered };
  }

  private burial(record: ConsumedRecord, cause: DeadLetterCause): Effect {
    const ifTooLarge = () => {
      // A topic that refuses even this has a lower limit than ours: the reason is kept without the record.
      const detail = `${cause.detail}; the record is larger than the topic of dead letters takes`;
      return this.deadLetter({ ...record, key: null, headers: {}, value: null }, { ...cause, detail });
    };
    return { record: this.deadLetter(record, cause), ifTooLarge };
  }

  private deadLetter(record: ConsumedRecord, cause: DeadLetterCause): OutgoingRecord {
    return fittingDeadLetter(this.parts.topics.deadLetters, record, cause, this.parts.maxEventBytes);
  }

  private causeOf(reason: string, detail: string): DeadLetterCause {
    return { reason, detail, stage: 'router', atMs: this.parts.nowMs() };
  }
}
