/** Which event of which phase of a run: found in a body by one search, without parsing it. */
export interface EventTag {
  readonly phase: number;
  readonly number: number;
}

const MARKER = '"bench":"';
const MARKER_BYTES = Buffer.from(MARKER);
const PHASE_DIGITS = 4;
const NUMBER_DIGITS = 8;
const ZERO = 0x30;

/** JSON of exactly `bytes` bytes that carries the tag. */
export function taggedData(tag: EventTag, bytes: number): Buffer {
  const start = `{${MARKER}${tagText(tag)}","text":"`;
  const end = '"}';
  return Buffer.from(start + 'x'.repeat(Math.max(0, bytes - start.length - end.length)) + end);
}

/** At most 9,999 phases of 99,999,999 events. */
export function tagText({ phase, number }: EventTag): string {
  return `${String(phase).padStart(PHASE_DIGITS, '0')}-${String(number).padStart(NUMBER_DIGITS, '0')}`;
}

/** The tag in the body that lies between `from` and `end`; undefined where there is none. */
export function findTag(buffer: Buffer, from: number, end: number): EventTag | undefined {
  const at = buffer.indexOf(MARKER_BYTES, from);
  const start = at + MARKER.length;
  const numberStart = start + PHASE_DIGITS + 1;
  if (at < 0 || numberStart + NUMBER_DIGITS > end) return undefined;
  const phase = digits(buffer, start, PHASE_DIGITS);
  const number = digits(buffer, numberStart, NUMBER_DIGITS);
  return Number.isNaN(phase) || Number.isNaN(number) ? undefined : { phase, number };
}

function digits(buffer: Buffer, start: number, count: number): number {
  let value = 0;
  for (let index = start; index < start + count; index += 1) {
    const digit = (buffer[index] ?? 0) - ZERO;
    if (digit < 0 || digit > 9) return NaN;
    value = value * 10 + digit;
  }
  return value;
}
