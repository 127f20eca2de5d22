import { PoisonRecord } from '@hookstream/domain';
import type { z } from 'zod';
import { headerBytes, type RecordHeaders } from './record.js';

/** Parses JSON bytes by a schema; what does not fit is a poison record that names the field. */
export function parseJson<S extends z.ZodType>(schema: S, bytes: Buffer, what: string): z.infer<S> {
  let json: unknown;
  try {
    json = JSON.parse(bytes.toString('utf8'));
  } catch {
    throw new PoisonRecord('undecodable', `${what} is not JSON`);
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new PoisonRecord(
    'undecodable',
    `${what}: ${issue?.path.join('.') || '(root)'}: ${issue?.message ?? 'invalid'}`,
  );
}

/** The bytes of a header that must be there. */
export function requiredHeader(headers: RecordHeaders, name: string): Buffer {
  const bytes = headerBytes(headers, name);
  if (!bytes) throw new PoisonRecord('undecodable', `header "${name}" is missing`);
  return bytes;
}

/** The parsed JSON of a header that must be there. */
export function jsonHeader<S extends z.ZodType>(schema: S, headers: RecordHeaders, name: string): z.infer<S> {
  return parseJson(schema, requiredHeader(headers, name), `header "${name}"`);
}
