import { describe, expect, it } from '@jest/globals';
import { eventIdFromProducer } from '@hookstream/domain';
import fc from 'fast-check';
import { DEFAULT_MAPPING } from '../config/config-documents.js';
import { decodeIngress } from './decode-ingress.js';
import { encodeBinaryCloudEvent, type ProducedEvent } from './encode-cloud-event.js';

const text = fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme' }).filter((s) => !/[\p{Cc}\p{Cs}]/u.test(s));
const name = fc.stringMatching(/^[a-z0-9]{1,20}$/).map((s) => `x${s}`);

const produced: fc.Arbitrary<ProducedEvent> = fc.record(
  {
    organization: fc.constant('org_acme' as const),
    id: text,
    source: text,
    type: fc.constantFrom('a', 'invoice.submitted'),
    subject: text,
    dataContentType: fc.constantFrom('application/json', 'text/plain'),
    dataSchema: text,
    time: fc.constant('2026-01-01T00:00:00.123Z'),
    extensions: fc.dictionary(name, text, { minKeys: 1, noNullPrototype: true }),
    data: fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes)),
  },
  { requiredKeys: ['organization', 'id', 'source', 'type', 'data'] },
);

describe('encodeBinaryCloudEvent', () => {
  it('writes what decodeIngress reads back unchanged', () => {
    fc.assert(
      fc.property(produced, (event) => {
        const { key, headers, ...written } = encodeBinaryCloudEvent('events', event);
        const { attributes, data } = decodeIngress(
          {
            ...written,
            partition: 0,
            offset: 0,
            timestamp: 0,
            key: Buffer.from(key ?? ''),
            headers: Object.fromEntries(Object.entries(headers ?? {}).map(([n, v]) => [n, Buffer.from(v)])),
          },
          DEFAULT_MAPPING,
          { maxEventBytes: 1_000, resolveOrganization: (id) => (id === 'org_acme' ? id : undefined) },
        );
        const { id: externalId, data: _, time = '1970-01-01T00:00:00.000Z', ...rest } = event;
        const id = eventIdFromProducer('org_acme', event.source, externalId);
        const origin = { topic: 'events', partition: 0, offset: 0 };
        expect(attributes).toEqual({ ...rest, id, externalId, time, origin });
        expect(data).toEqual(event.data);
      }),
    );
  });

  it.each([
    [{ subject: 's', extensions: { partitionkey: 'p' } }, 'p'],
    [{ subject: 's' }, 's'],
    [{}, 'org_acme'],
  ])('keys the record of %j by %s', (more, key) => {
    const event = { organization: 'org_acme', id: '1', source: '/s', type: 'a', data: null, ...more } as const;
    expect(encodeBinaryCloudEvent('events', event).key).toBe(key);
  });
});
