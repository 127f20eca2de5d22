const RFC_3339 =
  /^(\d{4}-\d{2}-(\d{2}))[Tt]([01]\d|2[0-3]):([0-5]\d):([0-5]\d|60)(?:\.(\d+))?(?:[Zz]|([+-])([01]\d|2[0-3]):([0-5]\d))$/;
const MINUTE_MS = 60_000;
const FIRST_MS = Date.parse('0001-01-01T00:00:00Z');
const LAST_MS = Date.parse('9999-12-31T23:59:59.999Z');
/** Nanoseconds: nothing that stores an event's time keeps more. */
const MAX_FRACTION_DIGITS = 9;

/**
 * An RFC 3339 date and time in UTC, with its fraction of a second unchanged up to nanoseconds; `undefined` where the
 * text is none. A leap second is the second after it.
 */
export function toUtc(text: string): string | undefined {
  const match = RFC_3339.exec(text);
  if (!match) return undefined;
  const [, date = '', day, hour, minute, second, fraction, sign, offsetHours, offsetMinutes] = match;
  const midnightMs = Date.parse(`${date}T00:00:00Z`);
  // A day that its month does not have is read as one of the next month.
  if (Number.isNaN(midnightMs) || new Date(midnightMs).getUTCDate() !== Number(day)) return undefined;
  const sinceMidnightMs = (Number(hour) * 60 + Number(minute)) * MINUTE_MS + Number(second) * 1_000;
  const offsetMs = (Number(offsetHours ?? 0) * 60 + Number(offsetMinutes ?? 0)) * MINUTE_MS;
  const utcMs = midnightMs + sinceMidnightMs + (sign === '-' ? offsetMs : -offsetMs);
  if (utcMs < FIRST_MS || utcMs > LAST_MS) return undefined;
  const seconds = secondText(utcMs);
  return fraction === undefined ? `${seconds}Z` : `${seconds}.${fraction.slice(0, MAX_FRACTION_DIGITS)}Z`;
}

/** The second that was written last: the records of a fetch share a few, and making its text costs most. */
let writtenSecond = { second: 0, text: '1970-01-01T00:00:00' };

/** A record's timestamp as RFC 3339. One outside the years 1970–9999 (a record may lack its own) is the nearest in it. */
export function timestampToUtc(timestampMs: number): string {
  const ms = Math.min(LAST_MS, Math.max(0, Math.trunc(timestampMs) || 0));
  const second = Math.floor(ms / 1_000);
  if (second !== writtenSecond.second) writtenSecond = { second, text: secondText(second * 1_000) };
  return `${writtenSecond.text}.${String(ms % 1_000).padStart(3, '0')}Z`;
}

function secondText(ms: number): string {
  return new Date(ms).toISOString().slice(0, 'YYYY-MM-DDThh:mm:ss'.length);
}
