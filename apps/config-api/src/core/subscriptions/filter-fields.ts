import { isFilter, type Filter } from '@hookstream/domain';
import { MAX_ATTRIBUTE_VALUE_LENGTH, MAX_EXPRESSION_LENGTH, MAX_FILTERS, readFilters } from '@hookstream/filters';
import { z } from 'zod';

const filterReference = { $ref: '#/components/schemas/Filter' };

const attributes = {
  type: 'object',
  minProperties: 1,
  propertyNames: { pattern: '^[a-z0-9]{1,64}$' },
  additionalProperties: { type: 'string', minLength: 1, maxLength: MAX_ATTRIBUTE_VALUE_LENGTH },
} as const;

const list = { type: 'array', minItems: 1, items: filterReference } as const;

function dialect(name: string, operand: object) {
  return { type: 'object', properties: { [name]: operand }, required: [name], additionalProperties: false } as const;
}

/** For the document only: `readFilters` says what is wrong more closely than a union can. */
const filter = z.custom<Filter>(isFilter).meta({
  id: 'Filter',
  override: {
    description: 'One dialect of the CloudEvents Subscriptions API, or `cel`.',
    oneOf: [
      dialect('exact', { ...attributes, description: 'Attributes that equal these values.' }),
      dialect('prefix', { ...attributes, description: 'Attributes that begin with these values.' }),
      dialect('suffix', { ...attributes, description: 'Attributes that end with these values.' }),
      dialect('all', list),
      dialect('any', list),
      dialect('not', filterReference),
      dialect('cel', {
        type: 'string',
        minLength: 1,
        maxLength: MAX_EXPRESSION_LENGTH,
        description: 'Common Expression Language over `event` (its attributes) and `data`; an error is no match.',
        examples: ['data.amount > 100 && event.type.startsWith("invoice.")'],
      }),
    ],
  },
});

/** Read as a whole, so that every problem is told with its place. */
export const filters = z
  .array(z.unknown())
  .transform((written, context): readonly Filter[] => {
    const read = readFilters(written);
    if (read.ok) return read.filters;
    for (const { path, message } of read.problems) {
      context.addIssue({ code: 'custom', path: [...path], message, input: written });
    }
    return z.NEVER;
  })
  .meta({
    description: 'An event must pass all of them.',
    override: { type: 'array', maxItems: MAX_FILTERS, items: filterReference },
  });

/** As they are answered. */
export const filterList = z.array(filter);
