const DELAY_SECONDS = /^\d{1,10}$/;
const RFC_850_DATE = /^[A-Z][a-z]+, (\d{2})-([A-Z][a-z]{2})-(\d{2}) (\d{2}:\d{2}:\d{2}) GMT$/;
const IMF_OR_ASCTIME =
  /^(?:[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT|[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4})$/;

/**
 * A `Retry-After` field as milliseconds from now: seconds, or any of the three date forms of RFC 9110 §5.6.7.
 * A date in the past is 0; anything else is `undefined`.
 */
export function parseRetryAfter(field: string, nowMs: number): number | undefined {
  const text = field.trim();
  if (DELAY_SECONDS.test(text)) return Number(text) * 1_000;
  const atMs = parseHttpDate(text, nowMs);
  return atMs === undefined ? undefined : Math.max(0, atMs - nowMs);
}

function parseHttpDate(text: string, nowMs: number): number | undefined {
  const rfc850 = RFC_850_DATE.exec(text);
  if (rfc850) return parseRfc850(rfc850, nowMs);
  if (!IMF_OR_ASCTIME.test(text)) return undefined;
  const atMs = Date.parse(text.endsWith('GMT') ? text : `${text} GMT`);
  return Number.isNaN(atMs) ? undefined : atMs;
}

/** Two-digit years: one that seems more than 50 years ahead means the past century (RFC 9110 §5.6.7). */
function parseRfc850([, day, month, year, time]: RegExpExecArray, nowMs: number): number | undefined {
  const thisYear = new Date(nowMs).getUTCFullYear();
  const candidate = thisYear - (thisYear % 100) + Number(year);
  const fullYear = candidate > thisYear + 50 ? candidate - 100 : candidate;
  const atMs = Date.parse(`${day ?? ''} ${month ?? ''} ${fullYear} ${time ?? ''} GMT`);
  return Number.isNaN(atMs) ? undefined : atMs;
}
