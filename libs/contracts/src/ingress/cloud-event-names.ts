/** Every attribute but the data's content type is a header of this prefix (CloudEvents Kafka protocol binding §3.2.3). */
export const ATTRIBUTE_PREFIX = 'ce_';
export const CONTENT_TYPE_HEADER = 'content-type';
/** What a structured record's content type starts with (§3.3.1). */
export const CLOUD_EVENTS_MEDIA_TYPE = 'application/cloudevents';
/** Our extension: whose event it is, by id or external id. */
export const ORGANIZATION_EXTENSION = 'organization';

/** Context attributes with a place of their own in an event; all others are extensions. */
const CONTEXT_ATTRIBUTES: ReadonlySet<string> = new Set([
  'specversion',
  'id',
  'source',
  'type',
  'time',
  'subject',
  'datacontenttype',
  'dataschema',
  'data',
  'data_base64',
  ORGANIZATION_EXTENSION,
]);

/**
 * CloudEvents names are lower-case letters and digits; what SDKs let through besides is kept. A name that starts with
 * an underscore is none, which also keeps `__proto__` out.
 */
const EXTENSION_NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/;

export function isExtensionName(name: string): boolean {
  return EXTENSION_NAME.test(name) && !CONTEXT_ATTRIBUTES.has(name);
}
