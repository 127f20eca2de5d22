import { type PlainFormat } from '@hookstream/domain';
import { renderJsonEnvelope } from './json-envelope.js';
import { type RenderableEvent, type RenderResult } from './renderable-event.js';
import { xmlDocument, xmlMembers } from './xml.js';

/** The MD5 of a payload, in hexadecimal digits. */
export type PayloadDigest = (payload: Buffer) => string;

/** Tells the digest once more where no envelope has to be opened; the log makes the body again by it. */
export const PAYLOAD_MD5_HEADER = 'hookstream-payload-md5';

/**
 * A payload with its MD5 beside it:
 *
 * - `json`: `{"payload":…,"md5":"…"}`; the payload is the JSON envelope, hashed as it stands there;
 * - `xml`: `<notification><payload>…</payload><md5>…</md5></notification>`; hashed is what stands between the tags of `payload`;
 * - `form`: the fields `payload`, the JSON envelope as a text, and `md5`; hashed is the text, not its encoding.
 *
 * @throws Error for a format that has no room for it; none is stored with such a subscription
 */
export function renderWithMd5(format: PlainFormat, event: RenderableEvent, digest: PayloadDigest): RenderResult {
  switch (format) {
    case 'json':
    case 'form': {
      const envelope = renderJsonEnvelope(event);
      if (!envelope.ok) return envelope;
      const md5 = digest(envelope.body);
      if (format === 'form') {
        const fields = new URLSearchParams({ payload: envelope.body.toString('utf8'), md5 });
        return signed(Buffer.from(fields.toString()), 'application/x-www-form-urlencoded', md5);
      }
      const body = Buffer.concat([Buffer.from('{"payload":'), envelope.body, Buffer.from(`,"md5":"${md5}"}`)]);
      return signed(body, 'application/json', md5);
    }
    case 'xml': {
      const members = xmlMembers(event);
      if (!members.ok) return members;
      const md5 = digest(Buffer.from(members.text));
      return { ...xmlDocument(`<payload>${members.text}</payload><md5>${md5}</md5>`), headers: headersOf(md5) };
    }
    default:
      throw new Error(`the format "${format}" has no room for an MD5`);
  }
}

function signed(body: Buffer, contentType: string, md5: string): RenderResult {
  return { ok: true, body, contentType, headers: headersOf(md5) };
}

function headersOf(md5: string): Readonly<Record<string, string>> {
  return { [PAYLOAD_MD5_HEADER]: md5 };
}
