import {
  DEFAULT_ORGANIZATION,
  eventIdFromOrigin,
  eventIdFromProducer,
  eventTypeProblem,
  PoisonRecord,
  type EventAttributes,
  type HookEvent,
  type OrganizationId,
} from '@hookstream/domain';
import type { SourceMapping } from '../config/config-documents.js';
import { TRACEPARENT_HEADER } from '../deliveries/event-header.js';
import type { ConsumedRecord } from '../record.js';
import { ATTRIBUTE_PREFIX, CLOUD_EVENTS_MEDIA_TYPE, CONTENT_TYPE_HEADER } from './cloud-event-names.js';
import { timestampToUtc, toUtc } from './event-time.js';
import { HOPS_HEADER, hopsExtension } from './hop-count.js';
import { IngressHeaders } from './ingress-headers.js';
import { JsonText } from './json-text.js';
import { looksStructured, readBinary, readStructured } from './read-cloud-event.js';
import { organizationByRule, readPlain } from './read-plain.js';
import type { WrittenEvent } from './written-event.js';

/** What all attributes of an event may take together, UTF-8 bytes: they travel in a header of every delivery. */
export const MAX_ATTRIBUTE_BYTES = 65_536;

const STRUCTURED_JSON = /^application\/cloudevents\+json\s*(?:;|$)/i;
const TRACEPARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;
/** CloudEvents strings hold no control characters and no lone surrogates (specification 1.0.2, "Type System"). */
const FORBIDDEN_CHARACTER = /[\p{Cc}\p{Cs}]/u;
/** Any of these marks a record without a CloudEvents content type as one in binary mode. */
const BINARY_MARKS = ['specversion', 'type', 'id', 'source'].map((name) => ATTRIBUTE_PREFIX + name);

export interface IngressOptions {
  /** Largest value of a record, bytes. */
  readonly maxEventBytes: number;
  /** Not asked about the default organization, which always exists. */
  readonly resolveOrganization: (idOrExternalId: string) => OrganizationId | undefined;
}

/**
 * The event a record of an ingress topic stands for. The router and the log call this one function, so that both see the
 * same identity and the same data.
 *
 * - CloudEvents 1.0 in binary or structured mode (Kafka protocol binding 1.0.2), else plain JSON by the source's mapping.
 *   Only the type must be there: without a `source` the topic's name is it, without an id the record's place is.
 * - Data are the bytes the producer wrote, never parsed and written again.
 * - The organization is what the source's rule says, else the CloudEvents extension, else the default one.
 *
 * @throws PoisonRecord `undecodable`, `oversize`, `missing-type`, `invalid-type`, `unknown-organization`, `loop`
 */
export function decodeIngress(record: ConsumedRecord, mapping: SourceMapping, options: IngressOptions): HookEvent {
  const valueBytes = record.value?.length ?? 0;
  if (valueBytes > options.maxEventBytes) {
    throw new PoisonRecord('oversize', `the value has ${valueBytes} bytes, the limit is ${options.maxEventBytes}`);
  }
  const headers = new IngressHeaders(record.headers);
  const written = withHops(readEvent(record, headers, mapping), headers);
  const traceparent = traceparentOf(headers, written);
  const event = { attributes: attributesOf(record, written, options), data: written.data };
  return traceparent === undefined ? event : { ...event, traceparent };
}

function readEvent(record: ConsumedRecord, headers: IngressHeaders, mapping: SourceMapping): WrittenEvent {
  const byRule = (event: WrittenEvent): WrittenEvent => {
    const organization = organizationByRule(record, headers, mapping);
    return organization === undefined ? event : { ...event, organization };
  };
  if (mapping.format === 'json') return readPlain(record, headers, jsonOf(record.value), mapping);

  const contentType = headers.text(CONTENT_TYPE_HEADER) ?? '';
  if (contentType.toLowerCase().startsWith(CLOUD_EVENTS_MEDIA_TYPE)) {
    if (!STRUCTURED_JSON.test(contentType)) {
      throw new PoisonRecord('undecodable', 'of the structured formats only application/cloudevents+json is read');
    }
    const json = jsonOf(record.value);
    if (!json) throw new PoisonRecord('undecodable', 'the structured CloudEvent is empty');
    return byRule(readStructured(json));
  }
  if (BINARY_MARKS.some((mark) => headers.has(mark))) return byRule(readBinary(headers, record.value));

  const json = jsonOf(record.value);
  if (json && looksStructured(json)) return byRule(readStructured(json));
  if (mapping.format === 'cloudevents') throw new PoisonRecord('undecodable', 'the record is not a CloudEvent');
  return readPlain(record, headers, json, mapping);
}

function withHops(written: WrittenEvent, headers: IngressHeaders): WrittenEvent {
  const hops = hopsExtension(headers.has(HOPS_HEADER) ? headers.text(HOPS_HEADER) : undefined, written.extensions);
  if (!hops) return written;
  return { ...written, extensions: [...written.extensions.filter(([name]) => name !== hops[0]), hops] };
}

/** `undefined` for a tombstone or an empty value. @throws PoisonRecord where the value is not JSON */
function jsonOf(value: Buffer | null): JsonText | undefined {
  if (!value?.length) return undefined;
  const json = JsonText.of(value);
  if (!json) throw new PoisonRecord('undecodable', 'the value is not JSON in UTF-8');
  return json;
}

/** Built member by member: every event passes here, and spreading the optional ones cost more than all the rest. */
function attributesOf(record: ConsumedRecord, written: WrittenEvent, options: IngressOptions): EventAttributes {
  refuseUnfitText(written);
  const type = typeOf(written);
  const organization = organizationOf(written, options);
  const { topic, partition, offset } = record;
  const origin = { topic, partition, offset };
  const { id: externalId, subject, dataContentType, dataSchema, extensions } = written;
  const source = written.source || topic;
  const attributes: { -readonly [Name in keyof EventAttributes]: EventAttributes[Name] } = {
    // An empty id is none: it would make all events that have it one.
    id: externalId
      ? eventIdFromProducer(organization, source, externalId)
      : eventIdFromOrigin(origin, record.timestamp),
    organization,
    type,
    source,
    time: timeOf(written, record),
    origin,
  };
  if (externalId) attributes.externalId = externalId;
  if (subject) attributes.subject = subject;
  if (dataContentType) attributes.dataContentType = dataContentType;
  if (dataSchema) attributes.dataSchema = dataSchema;
  if (extensions.length > 0) attributes.extensions = Object.fromEntries(extensions);
  return attributes;
}

function refuseUnfitText(written: WrittenEvent): void {
  let bytes =
    fitBytes('type', written.type) +
    fitBytes('id', written.id) +
    fitBytes('source', written.source) +
    fitBytes('time', written.time) +
    fitBytes('subject', written.subject) +
    fitBytes('organization', written.organization) +
    fitBytes('datacontenttype', written.dataContentType) +
    fitBytes('dataschema', written.dataSchema);
  for (const [name, text] of written.extensions) bytes += fitBytes(name, text);
  if (bytes <= MAX_ATTRIBUTE_BYTES) return;
  throw new PoisonRecord('oversize', `the attributes have ${bytes} bytes, the limit is ${MAX_ATTRIBUTE_BYTES}`);
}

function fitBytes(name: string, text: string | undefined): number {
  if (text === undefined) return 0;
  if (FORBIDDEN_CHARACTER.test(text)) throw new PoisonRecord('undecodable', `${name} has a control character`);
  return name.length + Buffer.byteLength(text);
}

function typeOf({ type }: WrittenEvent): string {
  if (type === undefined) throw new PoisonRecord('missing-type', 'the record carries no event type');
  const problem = eventTypeProblem(type);
  if (problem) throw new PoisonRecord('invalid-type', `the event type ${problem}`);
  return type;
}

function organizationOf({ organization }: WrittenEvent, options: IngressOptions): OrganizationId {
  if (organization === undefined || organization === DEFAULT_ORGANIZATION) return DEFAULT_ORGANIZATION;
  const known = organization === '' ? undefined : options.resolveOrganization(organization);
  if (known) return known;
  throw new PoisonRecord(
    'unknown-organization',
    `there is no organization ${JSON.stringify(organization.slice(0, 64))}`,
  );
}

function timeOf({ time }: WrittenEvent, record: ConsumedRecord): string {
  if (!time) return timestampToUtc(record.timestamp);
  const utc = toUtc(time);
  if (utc === undefined) throw new PoisonRecord('undecodable', 'time is not an RFC 3339 date and time');
  return utc;
}

/** W3C Trace Context; one that breaks its grammar is as good as none. */
function traceparentOf(headers: IngressHeaders, written: WrittenEvent): string | undefined {
  const extension = written.extensions.find(([name]) => name === TRACEPARENT_HEADER)?.[1];
  const candidate = headers.has(TRACEPARENT_HEADER) ? headers.text(TRACEPARENT_HEADER) : extension;
  return candidate !== undefined && TRACEPARENT.test(candidate) ? candidate : undefined;
}
