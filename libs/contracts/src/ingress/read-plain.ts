import { PoisonRecord } from '@hookstream/domain';
import type { Place, SourceMapping } from '../config/config-documents.js';
import type { ConsumedRecord } from '../record.js';
import { ATTRIBUTE_PREFIX, ORGANIZATION_EXTENSION } from './cloud-event-names.js';
import { timestampToUtc } from './event-time.js';
import { utf8Of, type IngressHeaders } from './ingress-headers.js';
import { scalarText, type JsonText } from './json-text.js';
import { JSON_MEDIA_TYPE, NO_DATA, type WrittenEvent } from './written-event.js';

/**
 * A record without CloudEvents marks: its source says where each attribute is.
 *
 * @param json the value; `undefined` for a tombstone or an empty value, which is an event without data if its type is
 *   found elsewhere
 */
export function readPlain(
  record: ConsumedRecord,
  headers: IngressHeaders,
  json: JsonText | undefined,
  mapping: SourceMapping,
): WrittenEvent {
  const at = (name: string, place: Place) => textAt(name, place, record, headers, json);
  return {
    type: at('type', mapping.type),
    id: at('id', mapping.id),
    source: undefined,
    time: at('time', mapping.time),
    subject: at('subject', mapping.subject),
    organization: at('organization', mapping.organization) ?? headers.text(ATTRIBUTE_PREFIX + ORGANIZATION_EXTENSION),
    dataContentType: json && JSON_MEDIA_TYPE,
    dataSchema: undefined,
    extensions: [],
    data: json?.at(mapping.data) ?? json?.at('') ?? NO_DATA,
  };
}

/**
 * The organization that a source's rule names for a CloudEvent. A pointer is not followed: it is meant for plain JSON,
 * and a CloudEvent's data is not ours to look into.
 */
export function organizationByRule(
  record: ConsumedRecord,
  headers: IngressHeaders,
  mapping: SourceMapping,
): string | undefined {
  return textAt('organization', mapping.organization, record, headers, undefined);
}

function textAt(
  name: string,
  place: Place,
  record: ConsumedRecord,
  headers: IngressHeaders,
  json: JsonText | undefined,
): string | undefined {
  if ('constant' in place) return place.constant;
  if ('header' in place) return headers.text(place.header.toLowerCase());
  if ('pointer' in place) return pointerText(name, place.pointer, json);
  switch (place.from) {
    case 'key':
      return record.key ? utf8Of(record.key, 'the key') : undefined;
    case 'timestamp':
      return timestampToUtc(record.timestamp);
  }
}

function pointerText(name: string, pointer: string, json: JsonText | undefined): string | undefined {
  const raw = json?.at(pointer);
  if (raw === undefined) return undefined;
  const text = scalarText(raw);
  if (text === undefined) throw new PoisonRecord('undecodable', `${name}, at "${pointer}", is an object or an array`);
  return text ?? undefined;
}
