import { isUtf8 } from 'node:buffer';

/** Bytes as JSON can show them: as text, else in base64, which `bodyEncoding` then says. */
export interface BodyView {
  readonly body: string;
  readonly bodyEncoding?: 'base64';
}

export function viewBody(bytes: Buffer): BodyView {
  if (isUtf8(bytes)) return { body: bytes.toString('utf8') };
  return { body: bytes.toString('base64'), bodyEncoding: 'base64' };
}
