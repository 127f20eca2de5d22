import { type WrittenFormat } from '@hookstream/domain';
import { formOfMembers } from './form.js';
import { type JsonNode, readJsonNode } from './json-node.js';
import { formWithMd5, jsonWithMd5, type PayloadDigest, xmlWithMd5 } from './md5-envelope.js';
import { type RenderedPayload } from './renderable-event.js';
import { xmlDocument, xmlOfMembers } from './xml.js';

/**
 * A value in a format, without the members of our own envelope: what a template gives. In a form and in XML the members of an
 * object stand by themselves, and what is no object is one member, `item`. With `md5` the value is the payload beside
 * its digest.
 *
 * @param json well-formed JSON
 */
export function writeValue(format: WrittenFormat, json: Buffer, md5?: PayloadDigest): RenderedPayload {
  switch (format) {
    case 'json':
      return md5 ? jsonWithMd5(json, md5) : { ok: true, body: json, contentType: 'application/json' };
    case 'form':
      return md5 ? formWithMd5(json, md5) : formOfMembers(membersOf(readJsonNode(json)));
    case 'xml': {
      const text = xmlOfMembers(membersOf(readJsonNode(json)));
      return md5 ? xmlWithMd5(text, md5) : xmlDocument(text);
    }
  }
}

function membersOf(node: JsonNode): readonly (readonly [string, JsonNode])[] {
  return node.kind === 'object' ? node.members : [['item', node]];
}
