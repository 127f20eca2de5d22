import { PoisonRecord } from '@hookstream/domain';
import { ATTRIBUTE_PREFIX, CONTENT_TYPE_HEADER, isExtensionName, ORGANIZATION_EXTENSION } from './cloud-event-names.js';
import type { IngressHeaders } from './ingress-headers.js';
import { isJsonString, type JsonText, scalarText } from './json-text.js';
import { NO_DATA, type WrittenEvent } from './written-event.js';

const SPEC_VERSION = '1.0';
const JSON_SUBTYPE = /^[^/;\s]+\/(?:[^;\s]+\+)?json\s*(?:;|$)/i;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/;

/** CloudEvents Kafka protocol binding 1.0.2, binary mode (§3.2): the value is the data; a tombstone is an event without. */
export function readBinary(headers: IngressHeaders, value: Buffer | null): WrittenEvent {
  const attribute = (name: string) => headers.text(ATTRIBUTE_PREFIX + name);
  refuseOtherVersion(attribute('specversion'));
  return {
    type: attribute('type'),
    id: attribute('id'),
    source: attribute('source'),
    time: attribute('time'),
    subject: attribute('subject'),
    organization: attribute(ORGANIZATION_EXTENSION),
    dataContentType: headers.text(CONTENT_TYPE_HEADER) ?? attribute('datacontenttype'),
    dataSchema: attribute('dataschema'),
    extensions: headers
      .namesAfter(ATTRIBUTE_PREFIX)
      .filter(isExtensionName)
      .map((name) => [name, attribute(name) ?? ''] as const),
    data: value ?? NO_DATA,
  };
}

/** The same binding's structured mode (§3.3), in the JSON event format 1.0.2. */
export function readStructured(json: JsonText): WrittenEvent {
  if (!json.isObject) throw new PoisonRecord('undecodable', 'the structured CloudEvent is not a JSON object');
  const members = json.members();
  const attribute = (name: string) => stringMember(members, name);
  refuseOtherVersion(attribute('specversion'));
  const dataContentType = attribute('datacontenttype');
  return {
    type: attribute('type'),
    id: attribute('id'),
    source: attribute('source'),
    time: attribute('time'),
    subject: attribute('subject'),
    organization: attribute(ORGANIZATION_EXTENSION),
    dataContentType,
    dataSchema: attribute('dataschema'),
    extensions: [...members].flatMap(([name, raw]) => (isExtensionName(name) ? extensionOf(name, raw) : [])),
    data: dataOf(members, dataContentType),
  };
}

/** Whether a JSON value without any header is a CloudEvent: it names its version and all that a CloudEvent must. */
export function looksStructured(json: JsonText): boolean {
  const members = json.members();
  return ['specversion', 'type', 'source', 'id'].every((name) => {
    const raw = members.get(name);
    return raw !== undefined && isJsonString(raw);
  });
}

/** JSON data keeps the bytes it was written as; a string under another content type is that content (JSON format §3.1.1). */
function dataOf(members: ReadonlyMap<string, Buffer>, contentType: string | undefined): Buffer {
  const encoded = stringMember(members, 'data_base64');
  if (encoded !== undefined) {
    if (!BASE64.test(encoded)) throw new PoisonRecord('undecodable', 'data_base64 is not Base64');
    return Buffer.from(encoded, 'base64');
  }
  const raw = members.get('data');
  if (raw === undefined) return NO_DATA;
  const isContent = isJsonString(raw) && contentType !== undefined && !JSON_SUBTYPE.test(contentType);
  return isContent ? Buffer.from(scalarText(raw) ?? '') : raw;
}

/** Integers and Booleans keep their spelling; so does what CloudEvents has no type for. `null` is none. */
function extensionOf(name: string, raw: Buffer): (readonly [string, string])[] {
  const text = scalarText(raw);
  return text === null ? [] : [[name, text ?? raw.toString('utf8')]];
}

function stringMember(members: ReadonlyMap<string, Buffer>, name: string): string | undefined {
  const raw = members.get(name);
  const text = raw && scalarText(raw);
  if (raw === undefined || text === null) return undefined;
  if (!isJsonString(raw) || text === undefined) throw new PoisonRecord('undecodable', `"${name}" is not a string`);
  return text;
}

function refuseOtherVersion(version: string | undefined): void {
  if (version === undefined || version === SPEC_VERSION) return;
  throw new PoisonRecord('undecodable', `specversion is not "${SPEC_VERSION}"`);
}
