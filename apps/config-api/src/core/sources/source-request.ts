import { DEFAULT_MAPPING } from '@hookstream/contracts';
import { z } from 'zod';
import { line } from '../fields.js';

const JSON_POINTER = /^(?:\/(?:[^~/]|~[01])*)*$/;
const TOPIC_NAME = /^[A-Za-z0-9._-]{1,249}$/;

const pointer = line(512)
  .or(z.literal(''))
  .refine((text) => JSON_POINTER.test(text), 'must be a JSON pointer (RFC 6901)');

const place = z
  .union([
    z.strictObject({ header: line(256) }),
    z.strictObject({ pointer }),
    z.strictObject({ constant: line(256) }),
    z.strictObject({ from: z.enum(['key', 'timestamp']) }),
  ])
  .meta({ description: 'Where an attribute is: a header, a JSON pointer, a constant, the key or the timestamp.' });

const mapping = z
  .strictObject({
    format: z
      .enum(['auto', 'cloudevents', 'json'])
      .prefault(DEFAULT_MAPPING.format)
      .meta({ description: '`auto`: CloudEvents where the record says so, else plain JSON.' }),
    type: place.prefault(DEFAULT_MAPPING.type),
    id: place.prefault(DEFAULT_MAPPING.id),
    time: place.prefault(DEFAULT_MAPPING.time),
    subject: place.prefault(DEFAULT_MAPPING.subject),
    organization: place.prefault(DEFAULT_MAPPING.organization),
    data: pointer
      .prefault(DEFAULT_MAPPING.data)
      .meta({ description: 'JSON pointer to the data; where there is none the whole value is it.' }),
  })
  .meta({ description: 'How a record that is no CloudEvent becomes an event.' });

/** `latest`, `earliest`, or milliseconds since the epoch. */
export type StartFrom = 'latest' | 'earliest' | number;

const startFrom = z
  .union([z.literal('latest'), z.literal('earliest'), z.iso.datetime({ offset: true })], {
    error: 'must be "latest", "earliest" or an RFC 3339 time',
  })
  .transform((text): StartFrom => (text === 'latest' || text === 'earliest' ? text : Date.parse(text)))
  .meta({ description: 'The first record read: `latest`, `earliest`, or a time (RFC 3339).' });

export const sourceRequest = z
  .strictObject({
    name: line(200).optional().meta({ description: 'Default: the topic.' }),
    topic: z
      .string()
      .regex(TOPIC_NAME, 'must be the name of a Kafka topic')
      .refine((name) => name !== '.' && name !== '..', 'must be the name of a Kafka topic'),
    startFrom: startFrom.prefault('latest'),
    mapping: mapping.prefault({}),
  })
  .meta({ id: 'SourceRequest' });

export type SourceRequest = z.output<typeof sourceRequest>;
