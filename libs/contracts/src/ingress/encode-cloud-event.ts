import type { OrganizationId } from '@hookstream/domain';
import type { OutgoingRecord } from '../record.js';
import { ATTRIBUTE_PREFIX, CONTENT_TYPE_HEADER, ORGANIZATION_EXTENSION } from './cloud-event-names.js';

/** An event to be written to an ingress topic. Names follow CloudEvents 1.0. */
export interface ProducedEvent {
  readonly organization: OrganizationId;
  /** With `source` it makes the event's identity: the same again is the same event. */
  readonly id: string;
  readonly source: string;
  readonly type: string;
  /** RFC 3339; without it the record's timestamp counts. */
  readonly time?: string;
  readonly subject?: string;
  readonly dataContentType?: string;
  readonly dataSchema?: string;
  /** `partitionkey` among them decides the partition. */
  readonly extensions?: Readonly<Record<string, string>>;
  /** W3C Trace Context. */
  readonly traceparent?: string;
  /** `null`: the event has no data. */
  readonly data: Buffer | null;
}

/**
 * An event as a record in the binary mode of the CloudEvents Kafka protocol binding 1.0.2 (§3.2); `decodeIngress` reads
 * it back. The key is the extension `partitionkey`, else the subject, else the organization, so that events of one
 * subject stay in order.
 */
export function encodeBinaryCloudEvent(topic: string, event: ProducedEvent): OutgoingRecord {
  const { extensions = {}, organization, subject } = event;
  const attributes = {
    ...extensions,
    specversion: '1.0',
    id: event.id,
    source: event.source,
    type: event.type,
    time: event.time,
    subject,
    dataschema: event.dataSchema,
    [ORGANIZATION_EXTENSION]: organization,
  };
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined) headers[`${ATTRIBUTE_PREFIX}${name}`] = value;
  }
  if (event.dataContentType !== undefined) headers[CONTENT_TYPE_HEADER] = event.dataContentType;
  if (event.traceparent !== undefined) headers['traceparent'] = event.traceparent;
  const partitionKey = Object.hasOwn(extensions, 'partitionkey') ? extensions['partitionkey'] : undefined;
  return { topic, key: partitionKey ?? subject ?? organization, value: event.data, headers };
}
