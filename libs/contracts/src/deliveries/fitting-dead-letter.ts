import type { ConsumedRecord, OutgoingRecord } from '../record.js';
import { INTERNAL_OVERHEAD_BYTES } from '../topics/topic-specs.js';
import { encodeDeadLetter, type DeadLetterCause } from './dead-letter.js';

/** Half of what an internal record may add to an event: the other half is for the broker's and our own framing. */
const MAX_HEADER_BYTES = INTERNAL_OVERHEAD_BYTES / 2;

/**
 * A dead letter that its topic takes, whatever it was made of. The raw value is cut at the event limit; a key and headers
 * too large to be kept are left out, and the detail says so.
 */
export function fittingDeadLetter(
  topic: string,
  record: ConsumedRecord,
  cause: DeadLetterCause,
  maxEventBytes: number,
): OutgoingRecord {
  const letter = encodeDeadLetter(topic, record, cause, maxEventBytes);
  const attachedBytes = Object.values(letter.headers ?? {}).reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  if (attachedBytes <= MAX_HEADER_BYTES) return letter;
  const detail = `${cause.detail}; its key and headers are too large to be kept`;
  return encodeDeadLetter(topic, { ...record, key: null, headers: {} }, { ...cause, detail }, maxEventBytes);
}
