import { z } from 'zod';
import { headerNameProblem, isHeaderValue } from './endpoint-rules.js';

const MAX_HEADERS = 50;

/** @param valueProblem what else is wrong with a value, in words for its author */
export function extraHeaders(valueProblem: (value: string) => string | undefined) {
  return z.record(z.string(), z.string()).superRefine((given, context) => {
    const names = Object.keys(given);
    if (names.length > MAX_HEADERS) context.addIssue(`must be at most ${MAX_HEADERS} headers`);
    const seen = new Set<string>();
    for (const name of names) {
      const value = given[name] ?? '';
      const twice = seen.has(name.toLowerCase()) ? `"${name}" is given twice` : undefined;
      seen.add(name.toLowerCase());
      const message = headerNameProblem(name) ?? twice ?? printableProblem(value) ?? valueProblem(value);
      if (message !== undefined) context.addIssue({ code: 'custom', path: [name], message });
    }
  });
}

function printableProblem(value: string): string | undefined {
  return isHeaderValue(value)
    ? undefined
    : 'must be at most 4,096 printable ASCII characters without space at either end';
}
