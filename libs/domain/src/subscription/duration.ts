const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const DURATION = /^(\d{1,9})(ms|s|m|h|d)$/;

/** `500ms`, `5s`, `30m`, `2h`, `7d` as milliseconds; `undefined` when the text is no duration. */
export function parseDuration(text: string): number | undefined {
  const match = DURATION.exec(text);
  if (!match) return undefined;
  return Number(match[1]) * UNITS[match[2] as keyof typeof UNITS];
}

/** The shortest text for a duration: 300,000 ms is `5m`. */
export function formatDuration(milliseconds: number): string {
  const unit = (['d', 'h', 'm', 's'] as const).find((name) => milliseconds > 0 && milliseconds % UNITS[name] === 0);
  return unit ? `${milliseconds / UNITS[unit]}${unit}` : `${milliseconds}ms`;
}
