import type { EventId, OrganizationId } from '../identity/ids.js';
import type { RecordOrigin } from '../identity/event-identity.js';

/** Everything about an event but its data. Names follow CloudEvents 1.0 where it has one. */
export interface EventAttributes {
  readonly id: EventId;
  /** The producer's own id, searchable in the log. */
  readonly externalId?: string;
  readonly organization: OrganizationId;
  /** Dot-separated and case-sensitive, `invoice.submitted`. */
  readonly type: string;
  /** CloudEvents `source`, or the topic's name. */
  readonly source: string;
  /** When it happened by its producer's clock, else when Kafka took it: RFC 3339, UTC. */
  readonly time: string;
  readonly subject?: string;
  readonly dataContentType?: string;
  readonly dataSchema?: string;
  /** CloudEvents extension attributes, unchanged. */
  readonly extensions?: Readonly<Record<string, string>>;
  readonly origin: RecordOrigin;
}

/** An event as the router and the log see it: attributes, and the data as the producer wrote it. */
export interface HookEvent {
  readonly attributes: EventAttributes;
  readonly data: Buffer;
  readonly traceparent?: string;
}
