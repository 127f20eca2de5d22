const DAY_MS = 86_400_000;

/** A day in UTC, `2026-05-18`. */
export type Day = string;

export function dayOf(timeMs: number): Day {
  return new Date(timeMs).toISOString().slice(0, 'YYYY-MM-DD'.length);
}

export function addDays(day: Day, days: number): Day {
  return dayOf(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS);
}

/** Days that are past keeping: `retentionDays` whole days are kept besides today. */
export function expiredDays(days: readonly Day[], today: Day, retentionDays: number): Day[] {
  const oldest = addDays(today, -retentionDays);
  return days.filter((day) => day < oldest).sort();
}
