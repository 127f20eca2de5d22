// Real: PostgreSQL, Kafka, Nest, HTTP. The log is a server of the test's own.
import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type RunningService } from '@hookstream/service';
import { at, ConfigApiBed, textAt } from './support/config-api-bed.js';

const STORED = {
  id: 'evt_00000000000000000000000000000007',
  organization: 'org_default',
  externalId: 'inv-7',
  type: 'invoice.paid',
  source: '/billing',
  time: '2026-05-01T10:00:00.000Z',
  subject: null,
  dataContentType: 'application/json',
  dataSchema: null,
  extensions: { region: 'eu' },
  origin: { topic: 'events', partition: 1, offset: 7 },
  data: { amount: 700 },
};

const bed = new ConfigApiBed();
let api: RunningService;
let log: Server;
const authorizations: (string | undefined)[] = [];

beforeAll(async () => {
  log = createServer((request, response) => {
    authorizations.push(request.headers.authorization);
    const known = request.url === `/v1/events/${STORED.id}`;
    response.writeHead(known ? 200 : 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify(known ? STORED : {}));
  });
  await new Promise<void>((resolve) => log.listen(0, '127.0.0.1', resolve));
  await bed.makeTopics();
  api = await bed.start({ HOOKSTREAM_AUDIT_LOG_URL: `http://127.0.0.1:${portOf(log)}` });
  const endpoint = { url: 'https://hooks.example.com/in' };
  const subscriptions = [
    { name: 'wants', eventTypes: ['invoice.*'], filters: [{ cel: 'data.amount > 100' }] },
    { name: 'other type', eventTypes: ['order.*'] },
    {
      name: 'too small',
      filters: [{ exact: { type: 'invoice.paid' } }, { cel: 'has(data.amount) && data.amount > 1000' }],
    },
    { name: 'inactive', active: false },
    { name: 'broken', filters: [{ cel: 'data.missing > 1' }] },
  ];
  for (const one of subscriptions) {
    const made = await bed.ask(api, '/v1/subscriptions', { json: { ...one, endpoint } });
    expect(made.status).toBe(201);
  }
});
afterAll(async () => {
  await bed.close();
  log.close();
});

const explain = (json: unknown) => bed.ask(api, '/v1/subscriptions/explain', { json });

async function byName(json: unknown): Promise<ReadonlyMap<string, unknown>> {
  const { status, json: answer } = await explain(json);
  expect(status).toBe(200);
  const data = at(answer, 'data');
  return new Map(Array.isArray(data) ? data.map((one: unknown) => [textAt(one, 'name'), one]) : []);
}

describe('POST /v1/subscriptions/explain', () => {
  it.each([
    ['given', { event: { type: 'invoice.paid', data: { amount: 700 } } }],
    ['stored', { eventId: STORED.id }],
  ])('tells who wants a %s event, and the first clause of the others that failed', async (_title, request) => {
    const told = await byName(request);
    expect(told.size).toBe(5);
    expect(told.get('wants')).toMatchObject({ matches: true, active: true, failed: null });
    expect(told.get('other type')).toMatchObject({
      matches: false,
      failed: { pointer: '/eventTypes', values: { type: 'invoice.paid' } },
    });
    expect(told.get('too small')).toMatchObject({
      matches: false,
      failed: { pointer: '/filters/1/cel', clause: 'data.amount > 1000', values: { 'data.amount': 700 } },
    });
    expect(told.get('inactive')).toMatchObject({ matches: true, active: false, inactiveReason: 'by-user' });
    expect(told.get('broken')).toMatchObject({ matches: false, failed: { error: expect.stringContaining('missing') } });
  });

  it('asks the log with the key of the caller', () => {
    expect(authorizations).toEqual([`Bearer ${bed.key}`]);
  });

  it('comes in pages', async () => {
    const event = { type: 'a', data: null };
    const first = await explain({ event, limit: 3 });
    const second = await explain({ event, limit: 3, cursor: at(first.json, 'nextCursor') });
    expect(at(first.json, 'data')).toHaveLength(3);
    expect(at(second.json, 'data')).toHaveLength(2);
    expect(at(second.json, 'nextCursor')).toBeNull();
  });

  it.each([
    ['neither event nor id', {}, '/event'],
    ['both', { event: { type: 'a', data: 1 }, eventId: STORED.id }, '/event'],
    ['no type', { event: { data: 1 } }, '/event/type'],
    ['what is no id', { eventId: '../keys' }, '/eventId'],
    ['an unknown id', { eventId: 'evt_00000000000000000000000000000008' }, '/eventId'],
    ['another organization', { event: { type: 'a', data: 1 }, organization: 'org_nobody' }, '/organization'],
  ])('refuses %s and points at it', async (_title, json, pointer) => {
    const refused = await explain(json);
    expect(refused.status).toBe(400);
    expect(refused.json).toMatchObject({ errors: [{ pointer }] });
  });

  it("is there for viewers, and shows nothing of another organization's", async () => {
    const made = await bed.ask(api, '/v1/organizations', { json: { name: 'other' } });
    const organization = textAt(made.json, 'id');
    const key = await bed.ask(api, '/v1/api-keys', { json: { name: 'k', role: 'viewer', organization } });
    const told = await bed.ask(api, '/v1/subscriptions/explain', {
      json: { event: { type: 'invoice.paid', data: {} } },
      key: textAt(key.json, 'key'),
    });
    expect(told.json).toEqual({ data: [], nextCursor: null });
  });
});

function portOf(server: Server): number {
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server does not listen');
  return address.port;
}
