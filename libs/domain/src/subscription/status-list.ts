/** An HTTP status, or a class of them. */
export type StatusPattern = number | `${1 | 2 | 3 | 4 | 5}xx`;

export function isStatusPattern(value: unknown): value is StatusPattern {
  return typeof value === 'number'
    ? Number.isInteger(value) && value >= 100 && value <= 599
    : typeof value === 'string' && /^[1-5]xx$/.test(value);
}

export function matchesStatus(patterns: readonly StatusPattern[], status: number): boolean {
  const statusClass = `${Math.floor(status / 100)}xx`;
  return patterns.some((pattern) => pattern === status || pattern === statusClass);
}
