const COLUMN = 10;

/** One line of the timeline: seconds since the beginning, which event, what happened. */
export function timelineLine(elapsedMs: number, scenario: string, what: string): string {
  return `${(elapsedMs / 1_000).toFixed(2).padStart(7)} s  ${scenario.padEnd(COLUMN)} ${what}`;
}

export interface LoggedResult {
  readonly scenario: string;
  readonly eventId?: string;
  readonly deliveryId?: string;
}

/** How to look at each of them in the log. */
export function lookCommands(url: string, apiKey: string, results: readonly LoggedResult[]): string {
  const lines = results.flatMap(({ scenario, eventId, deliveryId }) => {
    const path = deliveryId === undefined ? `/v1/events/${eventId ?? ''}` : `/v1/deliveries/${deliveryId}`;
    return [`  ${scenario}`, `    curl -sS ${url}${path} -H 'Authorization: Bearer ${apiKey}'`];
  });
  return ['Look at each in the log:', ...lines].join('\n');
}
