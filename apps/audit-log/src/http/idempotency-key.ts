import { Problem } from '@hookstream/service';

const KEY = /^[\x21-\x7e]{1,255}$/;

/** The header `Idempotency-Key`, under the rules of config-api's. @throws Problem for one that is none */
export function readIdempotencyKey(header: string | undefined): string | undefined {
  if (header === undefined || KEY.test(header)) return header;
  const errors = [
    { parameter: 'Idempotency-Key', message: 'must be 1 to 255 printable ASCII characters without space' },
  ];
  throw new Problem('invalid-request', { errors });
}
