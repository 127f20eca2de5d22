import { Problem } from './problem.js';

/** Printable ASCII. */
const KEY = /^[\x21-\x7e]{1,255}$/;

/**
 * The header `Idempotency-Key`: what a caller named its request. One rule for all services that take it.
 *
 * @throws Problem for one that is none
 */
export function readIdempotencyKey(header: string | readonly string[] | undefined): string | undefined {
  if (header === undefined || (typeof header === 'string' && KEY.test(header))) return header;
  const message = 'must be 1 to 255 printable ASCII characters without spaces, such as a UUID';
  const errors = [{ parameter: 'Idempotency-Key', message }];
  throw new Problem('invalid-request', { detail: `Idempotency-Key: ${message}`, errors });
}
