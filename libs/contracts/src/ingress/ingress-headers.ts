import { isUtf8 } from 'node:buffer';
import { PoisonRecord } from '@hookstream/domain';
import type { RecordHeaders } from '../record.js';

/** The headers of a producer's record: names in any case and order, the first of several values. */
export class IngressHeaders {
  private readonly byName = new Map<string, Buffer>();

  constructor(headers: RecordHeaders) {
    for (const name of Object.keys(headers)) {
      const values = headers[name];
      const first = Buffer.isBuffer(values) ? values : values?.[0];
      const lowerCase = name.toLowerCase();
      if (first && !this.byName.has(lowerCase)) this.byName.set(lowerCase, first);
    }
  }

  has(lowerCaseName: string): boolean {
    return this.byName.has(lowerCaseName);
  }

  /** @throws PoisonRecord where the value is not UTF-8 */
  text(lowerCaseName: string): string | undefined {
    const bytes = this.byName.get(lowerCaseName);
    return bytes && utf8Of(bytes, `header "${lowerCaseName}"`);
  }

  /** Names without the prefix. */
  namesAfter(prefix: string): string[] {
    return [...this.byName.keys()].filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length));
  }
}

/** @throws PoisonRecord where the bytes are not UTF-8 */
export function utf8Of(bytes: Buffer, what: string): string {
  const text = bytes.toString('utf8');
  // What is not UTF-8 is decoded to this; so is what says so itself.
  if (text.includes('\uFFFD') && !isUtf8(bytes)) throw new PoisonRecord('undecodable', `${what} is not UTF-8`);
  return text;
}
