import { randomUUID } from 'node:crypto';
import {
  type ConsumedRecord,
  decodeIngress,
  DEFAULT_MAPPING,
  encodeBinaryCloudEvent,
  type OutgoingRecord,
  type RecordHeaders,
} from '@hookstream/contracts';
import { eventIdFromProducer, type EventId, type OrganizationId, PoisonRecord } from '@hookstream/domain';
import { type CheckedEvent, type Violation } from '@hookstream/schemas';
import { type Caller } from '../caller.js';
import { type OrganizationDirectory, organizationFor } from '../organizations/organization-of-request.js';
import { accepted, type Outcome, rejected } from '../outcome.js';

/** An event as it was sent, in the form a record of an ingress topic would have. */
export interface SubmittedEvent {
  /** Whose it says it is: id or external id. */
  readonly organization: string | undefined;
  readonly headers: RecordHeaders;
  readonly value: Buffer | null;
  /** Where its data is in the body of the request: an RFC 6901 pointer. */
  readonly dataPointer: string;
}

export interface EventIntakeParts {
  /** The default ingress topic. */
  readonly topic: string;
  readonly maxEventBytes: number;
  readonly organizations: OrganizationDirectory;
  /** Where data is not as its event type declares. */
  readonly violations: (event: CheckedEvent, data: Buffer) => readonly Violation[];
  /** Resolves when Kafka has them all. */
  readonly write: (records: readonly OutgoingRecord[]) => Promise<void>;
  readonly nowMs: () => number;
}

/**
 * Takes events by HTTP. They are read by the very function the router reads the topic with and written as CloudEvents in
 * binary mode, so what is accepted here is not refused there, and the id answered here is the id the log has.
 *
 * An event always gets a producer's id and a source, for together with the organization they are its identity: an event
 * without an id gets a random one, one without a source gets the topic's name, as the same event written to the topic
 * directly would.
 */
export class EventIntake {
  constructor(private readonly parts: EventIntakeParts) {}

  /** All or none: one event that cannot be taken refuses its whole batch. */
  async take(caller: Caller, submitted: readonly SubmittedEvent[]): Promise<Outcome<readonly EventId[]>> {
    const ids: EventId[] = [];
    const records: OutgoingRecord[] = [];
    for (const [index, event] of submitted.entries()) {
      const organization = await organizationFor(caller, event.organization, this.parts.organizations);
      if (!organization.ok) return organization;
      const read = this.read(event, organization.value, index);
      if (!read.ok) return read;
      ids.push(read.value.id);
      records.push(read.value.record);
    }
    await this.parts.write(records);
    return accepted(ids);
  }

  private read(
    { headers, value, dataPointer }: SubmittedEvent,
    organization: OrganizationId,
    index: number,
  ): Outcome<{ readonly id: EventId; readonly record: OutgoingRecord }> {
    const { topic, maxEventBytes, nowMs } = this.parts;
    const origin = { topic, partition: 0, offset: 0 };
    const record: ConsumedRecord = { ...origin, timestamp: nowMs(), key: null, value, headers };
    const mapping = { ...DEFAULT_MAPPING, organization: { constant: organization } };
    try {
      const event = decodeIngress(record, mapping, { maxEventBytes, resolveOrganization: () => organization });
      const violations = this.parts.violations(event.attributes, event.data);
      if (violations.length > 0) return violatesSchema(event.attributes.type, dataPointer, violations);
      const { id, origin: _, externalId = randomUUID(), ...attributes } = event.attributes;
      const written = encodeBinaryCloudEvent(topic, {
        ...attributes,
        id: externalId,
        data: event.data,
        ...(event.traceparent !== undefined && { traceparent: event.traceparent }),
      });
      const named = event.attributes.externalId !== undefined;
      return accepted({
        id: named ? id : eventIdFromProducer(organization, attributes.source, externalId),
        record: written,
      });
    } catch (error) {
      if (!(error instanceof PoisonRecord)) throw error;
      return rejected({ kind: 'event', index, reason: error.reason, detail: error.detail });
    }
  }
}

function violatesSchema(type: string, dataPointer: string, found: readonly Violation[]): Outcome<never> {
  const violations = found.map(({ pointer, message }) => ({ pointer: dataPointer + pointer, message }));
  const detail = `The data is not as the schema of ${type} says; GET /v1/event-types shows it.`;
  return rejected({ kind: 'schema', detail, violations });
}
