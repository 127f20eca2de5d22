import { Body, Param, Query, type PipeTransform } from '@nestjs/common';
import { type z } from 'zod';
import { problemFromZod } from './zod-problem.js';

/**
 * `create(@ZodBody(schema) body: z.output<typeof schema>)`: the parsed body, or a 400 with a JSON pointer per wrong
 * field. Declare objects by `z.strictObject`, so that an unknown field is an error that names the nearest known one.
 */
export function ZodBody(schema: z.ZodType): ParameterDecorator {
  return Body(new ZodPipe(schema, 'pointer'));
}

/** The parsed query: texts, and arrays of texts where a name occurs several times (see `queryList`). */
export function ZodQuery(schema: z.ZodType): ParameterDecorator {
  return Query(new ZodPipe(schema, 'parameter'));
}

/** The parsed path parameters, all of them. */
export function ZodParams(schema: z.ZodType): ParameterDecorator {
  return Param(new ZodPipe(schema, 'parameter'));
}

/** @throws Problem `invalid-request` */
export function parseBody<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw problemFromZod(parsed.error, schema, 'pointer');
  return parsed.data;
}

class ZodPipe implements PipeTransform {
  constructor(
    private readonly schema: z.ZodType,
    private readonly place: 'pointer' | 'parameter',
  ) {}

  transform(value: unknown): unknown {
    const parsed = this.schema.safeParse(value);
    if (!parsed.success) throw problemFromZod(parsed.error, this.schema, this.place);
    return parsed.data;
  }
}
