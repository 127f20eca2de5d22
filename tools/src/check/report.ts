export interface StepResult {
  readonly name: string;
  readonly remedy: string;
  readonly passed: boolean;
  readonly seconds: number;
}

/** The table at the end: one line per step, and for a failed one what to do. */
export function checkReport(results: readonly StepResult[]): string {
  const width = Math.max(...results.map(({ name }) => name.length));
  return results
    .map(({ name, remedy, passed, seconds }) => {
      const line = `${passed ? 'ok    ' : 'FAILED'}  ${name.padEnd(width)}  ${seconds.toFixed(1).padStart(6)} s`;
      return passed ? line : `${line}  (${remedy})`;
    })
    .join('\n');
}
