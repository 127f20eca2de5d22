import { describe, expect, it } from '@jest/globals';
import { DEFAULT_ORGANIZATION, eventIdFromOrigin, eventIdFromProducer, PoisonRecord } from '@hookstream/domain';
import { DEFAULT_MAPPING, type SourceMapping } from '../config/config-documents.js';
import { decodeEventAttributes, encodeEventAttributes } from '../deliveries/event-header.js';
import type { ConsumedRecord } from '../record.js';
import { decodeIngress } from './decode-ingress.js';

const ACME = 'org_acme';
const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const origin = { topic: 'orders', partition: 3, offset: 42 };
const timestamp = Date.parse('2026-03-01T12:00:00Z');

const record = (value: string | Buffer | null, headers: Record<string, string> = {}): ConsumedRecord => ({
  ...origin,
  timestamp,
  key: Buffer.from('the-key'),
  value: typeof value === 'string' ? Buffer.from(value) : value,
  headers: Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)])),
});

const decode = (consumed: ConsumedRecord, mapping: SourceMapping = DEFAULT_MAPPING) =>
  decodeIngress(consumed, mapping, {
    maxEventBytes: 1_000,
    resolveOrganization: (name) => (name === 'acme' || name === ACME ? ACME : undefined),
  });

const poisonOf = (consumed: ConsumedRecord, mapping?: SourceMapping): PoisonRecord => {
  try {
    decode(consumed, mapping);
  } catch (error) {
    if (error instanceof PoisonRecord) return error;
    throw error;
  }
  throw new Error('the record was decoded');
};

describe('decodeIngress: CloudEvents in binary mode', () => {
  const headers = {
    ce_specversion: '1.0',
    ce_id: 'e-1',
    ce_source: '/shop',
    ce_type: 'invoice.submitted',
    ce_time: '2026-03-01T13:00:00.5+01:00',
    ce_subject: 'invoice-7',
    ce_dataschema: 'https://schemas.example/invoice',
    ce_organization: 'acme',
    ce_partitionkey: 'p',
    'content-type': 'application/json; charset=utf-8',
  };

  it('reads every attribute from the headers and passes the value on as it is', () => {
    const event = decode(record('{ "n": 10.00 }', { ...headers, traceparent: TRACEPARENT }));
    expect(event).toEqual({
      attributes: {
        id: eventIdFromProducer(ACME, '/shop', 'e-1'),
        externalId: 'e-1',
        organization: ACME,
        type: 'invoice.submitted',
        source: '/shop',
        time: '2026-03-01T12:00:00.5Z',
        subject: 'invoice-7',
        dataContentType: 'application/json; charset=utf-8',
        dataSchema: 'https://schemas.example/invoice',
        extensions: { partitionkey: 'p' },
        origin,
      },
      data: Buffer.from('{ "n": 10.00 }'),
      traceparent: TRACEPARENT,
    });
    expect(decodeEventAttributes(encodeEventAttributes(event.attributes))).toEqual(event.attributes);
  });

  it('reads header names in any case and order', () => {
    const shuffled = Object.fromEntries(
      Object.entries(headers)
        .reverse()
        .map(([name, value]) => [name.toUpperCase(), value]),
    );
    expect(decode(record('x', shuffled))).toEqual(decode(record('x', headers)));
  });

  it('takes the first of several values of a header', () => {
    const consumed = { ...record('x', headers), headers: { ce_type: [Buffer.from('a.b'), Buffer.from('c.d')] } };
    expect(decode(consumed).attributes.type).toBe('a.b');
  });

  it.each([null, ''])('takes the value %j as an event without data', (value) => {
    expect(decode(record(value, headers)).data).toEqual(Buffer.alloc(0));
  });

  it('passes on data that is no text', () => {
    const data = Buffer.from([0xff, 0x00, 0x80]);
    expect(decode(record(data, headers)).data.equals(data)).toBe(true);
  });

  it('needs nothing but the type: topic, place and timestamp stand in for the rest', () => {
    expect(decode(record('x', { ce_type: 'a.b' })).attributes).toEqual({
      id: eventIdFromOrigin(origin, timestamp),
      organization: DEFAULT_ORGANIZATION,
      type: 'a.b',
      source: 'orders',
      time: '2026-03-01T12:00:00.000Z',
      origin,
    });
  });

  it('does not make one event of all whose id is empty', () => {
    const { attributes } = decode(record('x', { ...headers, ce_id: '' }));
    expect(attributes.id).toBe(eventIdFromOrigin(origin, timestamp));
    expect(attributes).not.toHaveProperty('externalId');
  });

  it('reads the trace context from the extension where there is no header, and drops one that is malformed', () => {
    expect(decode(record('x', { ...headers, ce_traceparent: TRACEPARENT })).traceparent).toBe(TRACEPARENT);
    expect(decode(record('x', { ...headers, traceparent: '00-zz' }))).not.toHaveProperty('traceparent');
  });

  it('is not confused by names of the prototype', () => {
    const hostile = { ...headers, ce___proto__: '{"polluted":1}', ce_constructor: 'c', ['__proto__']: 'x' };
    const { attributes } = decode(record('x', hostile));
    expect(attributes.extensions).toEqual({ partitionkey: 'p', constructor: 'c' });
    expect({}).not.toHaveProperty('polluted');
    expect(decodeEventAttributes(encodeEventAttributes(attributes))).toEqual(attributes);
  });

  it.each([
    ['ce_time', 'noon', 'undecodable', 'time'],
    ['ce_specversion', '0.3', 'undecodable', 'specversion'],
    ['ce_type', 'a..b', 'invalid-type', 'segments'],
    ['ce_type', '', 'invalid-type', 'empty'],
    ['ce_organization', 'other', 'unknown-organization', '"other"'],
    ['ce_organization', '', 'unknown-organization', '""'],
    ['ce_subject', 'a\u0000b', 'undecodable', 'subject'],
    ['ce_subject', 's'.repeat(70_000), 'oversize', 'attributes'],
  ])('with %s "%.10s" is a dead letter: %s', (name, value, reason, detail) => {
    const poison = poisonOf(record('x', { ...headers, [name]: value }));
    expect(poison.reason).toBe(reason);
    expect(poison.detail).toContain(detail);
  });

  it('takes the character that stands for bytes that are none, where it is written itself', () => {
    const consumed = { ...record('x'), headers: { ce_type: Buffer.from('a.b'), ce_id: Buffer.from('\uFFFD') } };
    expect(decode(consumed).attributes.externalId).toBe('\uFFFD');
  });

  it('refuses a header that is not UTF-8 and names it', () => {
    const consumed = { ...record('x'), headers: { ce_type: Buffer.from('a.b'), ce_id: Buffer.from([0xff]) } };
    expect(poisonOf(consumed).message).toBe('undecodable: header "ce_id" is not UTF-8');
  });

  it('refuses a value above the limit before anything else is read', () => {
    expect(poisonOf(record(Buffer.alloc(1_001), headers)).reason).toBe('oversize');
    expect(decode(record(Buffer.alloc(1_000), headers)).data).toHaveLength(1_000);
  });
});

describe('decodeIngress: CloudEvents in structured mode', () => {
  const structured = { 'Content-Type': 'application/cloudevents+json; charset=UTF-8' };
  const envelope = (more: string) => `{"specversion":"1.0","type":"a.b","source":"/s","id":"1",${more}}`;

  it('takes the data out as the bytes that were written', () => {
    const { data, attributes } = decode(
      record(
        envelope('"data": {"n": 12345678901234567890.10, "n":2 }, "organization":"acme","level":5,"no":null'),
        structured,
      ),
    );
    expect(data.toString()).toBe('{"n": 12345678901234567890.10, "n":2 }');
    expect(attributes).toMatchObject({
      id: eventIdFromProducer(ACME, '/s', '1'),
      organization: ACME,
      extensions: { level: '5' },
    });
  });

  it('is the same event as in binary mode', () => {
    const binary = { ce_specversion: '1.0', ce_type: 'a.b', ce_source: '/s', ce_id: '1', 'content-type': 'text/json' };
    expect(decode(record(envelope('"datacontenttype":"text/json","data":[1]'), structured))).toEqual(
      decode(record('[1]', binary)),
    );
  });

  it('decodes data_base64', () => {
    expect(decode(record(envelope('"data_base64":"AP+A"'), structured)).data).toEqual(Buffer.from([0, 255, 128]));
  });

  it.each([
    ['"datacontenttype":"text/xml","data":"<a>\\u00e9</a>"', '<a>é</a>'],
    ['"datacontenttype":"application/json","data":"x"', '"x"'],
    ['"datacontenttype":"application/vnd.a+json","data":"x"', '"x"'],
    ['"data":"x"', '"x"'],
    ['"data":null', 'null'],
    ['"datacontenttype":"text/xml","data":{"a":1}', '{"a":1}'],
    ['"x":1', ''],
  ])('reads of %s the data %s', (members, expected) => {
    expect(decode(record(envelope(members), structured)).data.toString()).toBe(expected);
  });

  it('is recognised without a header when the value names all that a CloudEvent must', () => {
    const { attributes, data } = decode(record(envelope('"data":1')));
    expect(attributes).toMatchObject({ source: '/s', externalId: '1' });
    expect(data.toString()).toBe('1');
  });

  it.each([
    ['not JSON', '{"type":', 'not JSON'],
    ['an array', '[]', 'object'],
    ['an id that is a number', '{"type":"a.b","id":1}', '"id" is not a string'],
    ['data_base64 that is none', envelope('"data_base64":"%%"'), 'Base64'],
    ['nothing', '', 'empty'],
    ['a lone surrogate in an attribute', envelope('"subject":"\\ud800"'), 'subject'],
  ])('with %s is undecodable', (_, value, detail) => {
    expect(poisonOf(record(value, structured)).detail).toContain(detail);
    expect(poisonOf(record(value, structured)).reason).toBe('undecodable');
  });

  it.each(['application/cloudevents-batch+json', 'application/cloudevents+avro'])('refuses %s', (contentType) => {
    expect(poisonOf(record('[]', { 'content-type': contentType })).detail).toContain('application/cloudevents+json');
  });

  it('reads a megabyte of Base64', () => {
    const value = Buffer.from(envelope(`"data_base64":"${Buffer.alloc(750_000, 7).toString('base64')}"`));
    const { data } = decodeIngress(record(value, structured), DEFAULT_MAPPING, {
      maxEventBytes: 2_000_000,
      resolveOrganization: () => undefined,
    });
    expect(data).toHaveLength(750_000);
  });
});

describe('decodeIngress: plain JSON', () => {
  it('reads {type, data, id, time, subject, organization} of the default topic', () => {
    const value =
      '{"type":"a.b","data":{"n": 1.0},"id":12345678901234567890,"time":"2026-01-01T00:00:00Z","subject":"s","organization":"acme"}';
    expect(decode(record(value))).toEqual({
      attributes: {
        id: eventIdFromProducer(ACME, 'orders', '12345678901234567890'),
        externalId: '12345678901234567890',
        organization: ACME,
        type: 'a.b',
        source: 'orders',
        time: '2026-01-01T00:00:00Z',
        subject: 's',
        dataContentType: 'application/json',
        origin,
      },
      data: Buffer.from('{"n": 1.0}'),
    });
  });

  it('takes the whole value as data where the pointer finds none', () => {
    expect(decode(record(' {"type":"a.b"} ')).data.toString()).toBe('{"type":"a.b"}');
  });

  it('finds attributes in headers, constants, the key, the timestamp and deep in the value', () => {
    const mapping: SourceMapping = {
      format: 'json',
      type: { constant: 'order.changed' },
      id: { header: 'X-Id' },
      time: { from: 'timestamp' },
      subject: { from: 'key' },
      organization: { pointer: '/meta/tenants/0' },
      data: '/payload/after',
    };
    const value = '{"type":"ignored","meta":{"tenants":["acme"]},"payload":{"after":[1,2]}}';
    const { attributes, data } = decode(record(value, { 'x-id': 'h-1', ce_type: 'ignored.too' }), mapping);
    expect(attributes).toMatchObject({
      type: 'order.changed',
      externalId: 'h-1',
      time: '2026-03-01T12:00:00.000Z',
      subject: 'the-key',
      organization: ACME,
    });
    expect(data.toString()).toBe('[1,2]');
  });

  it('takes the organization from the header ce_organization where the value names none', () => {
    expect(decode(record('{"type":"a.b"}', { ce_organization: 'acme' })).attributes.organization).toBe(ACME);
  });

  it.each([null, ''])('takes the value %j as an event without data if the type is found elsewhere', (value) => {
    const mapping: SourceMapping = { ...DEFAULT_MAPPING, type: { header: 'type' } };
    expect(decode(record(value, { type: 'a.b' }), mapping).data).toHaveLength(0);
    expect(poisonOf(record(value), mapping).reason).toBe('missing-type');
  });

  it.each([
    ['{"type":"a b"}', 'invalid-type'],
    ['{"type":null}', 'missing-type'],
    ['{}', 'missing-type'],
    ['[]', 'missing-type'],
    ['"text"', 'missing-type'],
    ['{"type":{}}', 'undecodable'],
    ['{"type":"a.b","time":"noon"}', 'undecodable'],
    ['{"type":"a.b","organization":"other"}', 'unknown-organization'],
    ['hello', 'undecodable'],
  ])('%s is a dead letter: %s', (value, reason) => {
    expect(poisonOf(record(value)).reason).toBe(reason);
  });

  it('refuses JSON that is not UTF-8', () => {
    const value = Buffer.concat([Buffer.from('{"type":"a.b","data":"'), Buffer.from([0xe9]), Buffer.from('"}')]);
    expect(poisonOf(record(value)).reason).toBe('undecodable');
  });
});

describe('decodeIngress: the source rules', () => {
  const binary = { ce_type: 'a.b', ce_organization: 'acme' };

  it("puts the rule's organization before the producer's, but follows no pointer into a CloudEvent's data", () => {
    const constant: SourceMapping = { ...DEFAULT_MAPPING, organization: { constant: DEFAULT_ORGANIZATION } };
    expect(decode(record('{}', binary), constant).attributes.organization).toBe(DEFAULT_ORGANIZATION);
    expect(decode(record('{"organization":"other"}', binary)).attributes.organization).toBe(ACME);
  });

  it('refuses what is not a CloudEvent where only those are taken', () => {
    const only: SourceMapping = { ...DEFAULT_MAPPING, format: 'cloudevents' };
    expect(poisonOf(record('{"type":"a.b"}'), only).detail).toContain('not a CloudEvent');
    expect(decode(record('{}', binary), only).attributes.type).toBe('a.b');
  });
});
