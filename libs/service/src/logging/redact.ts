import { codeOf, isError } from '../failure.js';

const SECRET_KEY =
  /authorization|cookie|secret|passw(or)?d|passphrase|token|credential|signature|(^|[-_.a-z])(api|private|encryption|signing|master)[-_]?keys?$|^keys?$/i;
const REDACTED = '[redacted]';
/** Deeper than this, and longer than this, a line is cut: a log line is for a person. */
const MAX_DEPTH = 5;
const MAX_ITEMS = 100;

/** A copy for a log line: values under secret-looking names are replaced, errors are told, bytes are counted. */
export function redactedFields(fields: object, depth = 0): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields)
      .slice(0, MAX_ITEMS)
      .map(([key, inner]) => [key, SECRET_KEY.test(key) ? REDACTED : redacted(inner, depth + 1)]),
  );
}

function redacted(value: unknown, depth: number): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return value;
  if (isError(value)) return describeError(value, depth);
  if (value instanceof Date) return value;
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (depth >= MAX_DEPTH) return '[…]';
  if (Array.isArray(value)) return value.slice(0, MAX_ITEMS).map((item) => redacted(item, depth + 1));
  if (value instanceof Map) return redacted(Object.fromEntries(value), depth);
  if (value instanceof Set) return redacted([...value], depth);
  return redactedFields(value, depth);
}

/** Name, message, stack, code and cause, and nothing else: clients hang whole requests on their errors. */
function describeError(error: Error, depth: number): Record<string, unknown> {
  const code = codeOf(error);
  return {
    type: error.name,
    message: error.message,
    stack: error.stack,
    ...(code !== undefined && { code }),
    ...(error.cause !== undefined && depth < MAX_DEPTH && { cause: redacted(error.cause, depth + 1) }),
  };
}
