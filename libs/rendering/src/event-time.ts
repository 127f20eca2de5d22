const RFC_3339 = /^(\d{4}-\d{2}-\d{2})[Tt](\d{2}:\d{2})(:\d{2}(?:\.\d+)?)(?:[Zz]|([+-])([01]\d|2[0-3]):([0-5]\d))$/;

/**
 * The same moment in UTC, with the producer's precision: an offset is whole minutes, so the seconds and all digits of
 * their fraction stay as they are.
 *
 * @param time RFC 3339 date and time
 * @throws RangeError where it is not; an event's time is checked before it gets here
 */
export function toUtc(time: string): string {
  const match = RFC_3339.exec(time);
  if (match === null) throw new RangeError('the time of an event is an RFC 3339 date and time');

  const [, date, minute, seconds, sign, offsetHours, offsetMinutes] = match;
  if (sign === undefined) return time.toUpperCase();

  const offsetMs = (Number(offsetHours) * 60 + Number(offsetMinutes)) * (sign === '+' ? 60_000 : -60_000);
  const utcMinute = new Date(Date.parse(`${date}T${minute}Z`) - offsetMs).toISOString();
  return `${utcMinute.slice(0, 'YYYY-MM-DDThh:mm'.length)}${seconds}Z`;
}
