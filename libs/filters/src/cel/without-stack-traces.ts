/**
 * Runs synchronous work whose errors are values that nobody traces: making each one's stack trace costs five times as much
 * as the step that failed, and a macro may pass over thousands of them.
 */
export function withoutStackTraces<T>(work: () => T): T {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return work();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}
