import { type PlainFormat } from '@hookstream/domain';
import { renderJsonEnvelope } from './json-envelope.js';
import { type RenderableEvent, type RenderedPayload, type RenderResult } from './renderable-event.js';
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
      return format === 'form' ? formWithMd5(envelope.body, digest) : jsonWithMd5(envelope.body, digest);
    }
    case 'xml': {
      const members = xmlMembers(event);
      return members.ok ? xmlWithMd5(members.text, digest) : members;
    }
    default:
      throw new Error(`the format "${format}" has no room for an MD5`);
  }
}

/** @param payload JSON */
export function jsonWithMd5(payload: Buffer, digest: PayloadDigest): RenderedPayload {
  const md5 = digest(payload);
  const body = Buffer.concat([Buffer.from('{"payload":'), payload, Buffer.from(`,"md5":"${md5}"}`)]);
  return { ok: true, body, contentType: 'application/json', headers: headersOf(md5) };
}

/** @param payload text in UTF-8 */
export function formWithMd5(payload: Buffer, digest: PayloadDigest): RenderedPayload {
  const md5 = digest(payload);
  const fields = new URLSearchParams({ payload: payload.toString('utf8'), md5 });
  const body = Buffer.from(fields.toString());
  return { ok: true, body, contentType: 'application/x-www-form-urlencoded', headers: headersOf(md5) };
}

/** @param payload elements */
export function xmlWithMd5(payload: string, digest: PayloadDigest): RenderedPayload {
  const md5 = digest(Buffer.from(payload));
  return { ...xmlDocument(`<payload>${payload}</payload><md5>${md5}</md5>`), headers: headersOf(md5) };
}

function headersOf(md5: string): Readonly<Record<string, string>> {
  return { [PAYLOAD_MD5_HEADER]: md5 };
}
