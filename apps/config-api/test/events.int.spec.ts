// Real: PostgreSQL, Kafka, Nest, HTTP, the decoder of the router.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ConsumedRecord, decodeIngress, DEFAULT_MAPPING } from '@hookstream/contracts';
import { type HookEvent, isId } from '@hookstream/domain';
import { type RunningService } from '@hookstream/service';
import { at, type Ask, ConfigApiBed, textAt } from './support/config-api-bed.js';

const bed = new ConfigApiBed();
let api: RunningService;

beforeAll(async () => {
  await bed.makeTopics();
  api = await bed.start();
});
afterAll(() => bed.close());

const post = (ask: Ask) => bed.ask(api, '/v1/events', { method: 'POST', ...ask });
const raw = (contentType: string, body: string | Uint8Array, headers: Record<string, string> = {}) =>
  post({ body, headers: { 'content-type': contentType, ...headers } });

/** What the router makes of a record. */
function read(record: ConsumedRecord): HookEvent {
  return decodeIngress(record, DEFAULT_MAPPING, {
    maxEventBytes: 1_048_576,
    resolveOrganization: (reference) => (isId('org', reference) ? reference : undefined),
  });
}

async function taken(id: string): Promise<{ readonly record: ConsumedRecord; readonly event: HookEvent }> {
  const records = await bed.records(bed.topics.events);
  const found = records
    .map((record) => ({ record, event: read(record) }))
    .find(({ event }) => event.attributes.id === id);
  if (!found) throw new Error(`no record of ${id}`);
  return found;
}

describe('POST /v1/events', () => {
  it('answers with the id the router gives the event, and keeps the bytes of the data', async () => {
    const data = '{ "amount": 1.10, "big": 12345678901234567890,\n "text": "\\u00e9" }';
    const answer = await raw(
      'application/json',
      `{"type":"invoice.submitted","subject":"inv-1","data":${data},"id":"e-1"}`,
    );
    expect(answer.status).toBe(202);
    const { record, event } = await taken(textAt(answer.json, 'id'));
    expect(event.data.toString()).toBe(data);
    expect(event.attributes).toMatchObject({
      organization: 'org_default',
      type: 'invoice.submitted',
      externalId: 'e-1',
      subject: 'inv-1',
      source: bed.topics.events,
      dataContentType: 'application/json',
    });
    expect(record.key?.toString()).toBe('inv-1');
  });

  it('gives the same id to the same event, and a new one to an event without an id', async () => {
    const event = { type: 'a', data: 1 };
    const [first, second] = [await post({ json: { ...event, id: 'x' } }), await post({ json: { ...event, id: 'x' } })];
    expect(first.json).toEqual(second.json);
    const [third, fourth] = [await post({ json: event }), await post({ json: event })];
    expect(third.json).not.toEqual(fourth.json);
    const { event: read } = await taken(textAt(third.json, 'id'));
    expect(read.attributes.externalId).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('counts how often an event has been delivered before, and refuses one that comes round again and again', async () => {
    const send = (hops: string) => post({ json: { type: 'a.b', data: 1 }, headers: { 'hookstream-hops': hops } });
    const { event } = await taken(textAt((await send('8')).json, 'id'));
    expect(event.attributes.extensions).toEqual({ hookstreamhops: '8' });

    const refused = await send('9');
    expect(refused.status).toBe(508);
    expect(refused.json).toMatchObject({ type: '/problems/loop-detected' });
    expect(textAt(refused.json, 'detail')).toContain('an endpoint sends back what it receives');
  });

  it('takes a CloudEvent in binary mode, of any content type and with encoded headers', async () => {
    const answer = await raw('image/png', Uint8Array.of(0x89, 0x50, 0xff), {
      'ce-specversion': '1.0',
      'ce-id': 'b-1',
      'ce-source': '/cameras/1',
      'ce-type': 'picture.taken',
      'ce-subject': 'Z%C3%BCrich%20%22HB%22',
      'ce-partitionkey': 'camera-1',
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    });
    expect(answer.status).toBe(202);
    const { record, event } = await taken(textAt(answer.json, 'id'));
    expect([...event.data]).toEqual([0x89, 0x50, 0xff]);
    expect(event.attributes).toMatchObject({
      source: '/cameras/1',
      subject: 'Zürich "HB"',
      dataContentType: 'image/png',
      extensions: { partitionkey: 'camera-1' },
    });
    expect(event.traceparent).toContain('0af7651916cd43dd8448eb211c80319c');
    expect(record.key?.toString()).toBe('camera-1');
  });

  it('takes a structured CloudEvent', async () => {
    const body = '{"specversion":"1.0","id":"s-1","source":"/x","type":"t","tenant":"7","data":{"a": [1,  2]}}';
    const answer = await raw('application/cloudevents+json; charset=utf-8', body);
    const { event } = await taken(textAt(answer.json, 'id'));
    expect(event.data.toString()).toBe('{"a": [1,  2]}');
    expect(event.attributes).toMatchObject({ source: '/x', externalId: 's-1', extensions: { tenant: '7' } });
  });

  it('takes a batch whole, in order, or not at all', async () => {
    const element = (id: string, type: string) =>
      `{"specversion":"1.0","id":"${id}","source":"/b","type":"${type}","data":"${id}"}`;
    const batch = (...elements: string[]) => raw('application/cloudevents-batch+json', `[${elements.join(' , ')}]`);
    const answer = await batch(element('1', 'b.one'), element('2', 'b.two'));
    expect(answer.status).toBe(202);
    const ids = at(answer.json, 'ids');
    const events = await Promise.all((Array.isArray(ids) ? ids : []).map((id) => taken(String(id))));
    expect(events.map(({ event }) => event.attributes.type)).toEqual(['b.one', 'b.two']);

    const before = (await bed.records(bed.topics.events)).length;
    const refused = await batch(element('3', 'b.three'), element('4', 'not a type'));
    expect(refused.status).toBe(400);
    expect(refused.json).toMatchObject({ errors: [{ pointer: '/1' }] });
    expect(await bed.records(bed.topics.events)).toHaveLength(before);
    expect((await batch()).json).toEqual({ ids: [] });
  });

  it.each([
    ['no type', { data: 1 }, '/type'],
    ['no data', { type: 'a' }, '/data'],
    ['a wrong type', { type: 'a b', data: 1 }, '/type'],
    ['a wrong time', { type: 'a', data: 1, time: 'yesterday' }, '/time'],
    ['an unknown field', { type: 'a', data: 1, payload: 2 }, '/payload'],
    ['an unknown organization', { type: 'a', data: 1, organization: 'nobody' }, '/organization'],
  ])('refuses %s and points at it', async (_, json, pointer) => {
    const refused = await post({ json });
    expect(refused.status).toBe(400);
    expect(refused.json).toMatchObject({ type: '/problems/invalid-request', errors: [{ pointer }] });
  });

  it.each([
    ['an event of 2 MB', 'application/json', `{"type":"a","data":"${'x'.repeat(2_000_000)}"}`, 413],
    ['more than any batch may have', 'application/cloudevents-batch+json', `["${'x'.repeat(9_000_000)}"]`, 413],
    ['malformed JSON', 'application/json', '{"type":', 400],
    ['an empty body', 'application/json', '', 400],
    ['an unknown content type', 'text/csv', 'a,b', 415],
    ['a format of CloudEvents it does not read', 'application/cloudevents+avro', 'x', 415],
    ['a batch that is no array', 'application/cloudevents-batch+json', '{}', 400],
  ])('refuses %s', async (_, contentType, body, status) => {
    const refused = await raw(contentType, body);
    expect(refused.status).toBe(status);
    expect(refused.headers.get('content-type')).toContain('application/problem+json');
    expect(refused.json).toMatchObject({ status, type: expect.stringMatching(/^\/problems\//) });
  });

  it('takes nothing without a key', async () => {
    for (const key of [null, 'wrong', `hsk_${'0'.repeat(64)}`]) {
      const refused = await post({ json: { type: 'a', data: 1 }, key });
      expect(refused.status).toBe(401);
      expect(refused.headers.get('www-authenticate')).toBe('Bearer');
    }
  });

  it('lets an organization-bound key write its own events only', async () => {
    const organization = await bed.ask(api, '/v1/organizations', { json: { name: 'Acme', externalId: 'acme-1' } });
    const id = textAt(organization.json, 'id');
    const made = await bed.ask(api, '/v1/api-keys', { json: { organization: 'acme-1' } });
    const key = textAt(made.json, 'key');
    for (const named of [{}, { organization: id }, { organization: 'acme-1' }]) {
      const answer = await post({ json: { type: 'a', data: 1, ...named }, key });
      expect(answer.status).toBe(202);
      const { record, event } = await taken(textAt(answer.json, 'id'));
      expect(event.attributes.organization).toBe(id);
      expect(record.key?.toString()).toBe(id);
    }
    expect((await post({ json: { type: 'a', data: 1, organization: 'org_default' }, key })).status).toBe(400);
    const binary = {
      'ce-specversion': '1.0',
      'ce-type': 'a',
      'ce-id': '1',
      'ce-source': 's',
      'ce-organization': 'org_default',
    };
    expect((await post({ body: '1', key, headers: { 'content-type': 'application/json', ...binary } })).status).toBe(
      400,
    );
  });
});
