import { eventTypeProblem } from '@hookstream/domain';
import { compileSchema, MAX_SCHEMA_BYTES, schemaProblem } from '@hookstream/schemas';
import { z } from 'zod';
import { line, organizationReference, prose } from '../fields.js';

const MAX_EXAMPLE_BYTES = 32_768;
const RESERVED_PREFIX = 'hookstream.';

const typeName = z
  .string()
  .superRefine((name, context) => {
    const reserved = name.startsWith(RESERVED_PREFIX) ? `must not start with "${RESERVED_PREFIX}"` : undefined;
    const problem = eventTypeProblem(name) ?? reserved;
    if (problem) context.addIssue(problem);
  })
  .meta({ description: 'The type, exactly as events name it.', examples: ['invoice.submitted'] });

const jsonSchema = z
  .unknown()
  .superRefine((schema, context) => {
    const problem = schema === null || schema === undefined ? undefined : schemaProblem(schema);
    if (problem) context.addIssue({ code: 'custom', path: placesOf(problem.pointer), message: problem.message });
  })
  .meta({
    description: `JSON Schema 2020-12 or draft-07 of the data, at most ${MAX_SCHEMA_BYTES} bytes; references within itself only, not recursive; formats are annotations. An event that violates it is refused (HTTP) or becomes a dead letter (Kafka). Default: any data will do.`,
    override: { type: ['object', 'boolean', 'null'] },
  });

const example = z
  .unknown()
  .refine((value) => Buffer.byteLength(textOf(value) ?? '') <= MAX_EXAMPLE_BYTES, {
    error: `must be at most ${MAX_EXAMPLE_BYTES} bytes as JSON`,
  })
  .meta({ description: 'Data of such an event; it must satisfy the schema.', override: {} });

const fields = z.strictObject({
  name: typeName,
  organization: organizationReference.nullable().optional().meta({
    description: 'Whose type it is; `null` declares it for all organizations, which only a platform-wide key may do.',
  }),
  group: line(200).optional().meta({ description: 'Default: the first segment of the name.' }),
  description: prose(2_000).prefault(''),
  example: example.optional(),
  schema: jsonSchema.optional(),
});

/** What `POST /v1/event-types` takes. */
export const eventTypeRequest = fields
  .superRefine(({ schema, example: given }, context) => {
    const text = textOf(given);
    if (text === null || schema === null || schema === undefined || schemaProblem(schema)) return;
    const [violation] = compileSchema(schema)(Buffer.from(text));
    if (!violation) return;
    const path = ['example', ...placesOf(violation.pointer)];
    context.addIssue({ code: 'custom', path, message: `violates the schema: ${violation.message}` });
  })
  .meta({ id: 'EventTypeRequest' });

/** Name and organization stay as they are. */
export const eventTypeReplacement = eventTypeRequest.safeExtend({
  organization: z.never({ error: 'cannot be changed; declare the type there' }).optional(),
});

export type EventTypeRequest = z.output<typeof eventTypeRequest>;

/** JSON text, as it is stored; `null` for what is not given. */
export function textOf(value: unknown): string | null {
  return value === undefined || value === null ? null : JSON.stringify(value);
}

function placesOf(pointer: string): string[] {
  const parts = pointer.split('/').slice(1);
  return parts.map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}
