// Real: PostgreSQL, Kafka, Nest, HTTP. What clients get wrong, and what those send who mean harm.
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connectDatabase, createDataSource } from '@hookstream/database';
import { type RunningService } from '@hookstream/service';
import { testDatabaseUrl } from '@hookstream/testing';
import { type DataSource } from 'typeorm';
import { type Answer, type Ask, at, ConfigApiBed, textAt } from './support/config-api-bed.js';
import { sendRaw } from './support/raw-request.js';

const bed = new ConfigApiBed();
const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
let api: RunningService;
let database: DataSource;
let subscription: string;
let before: unknown;
let rssBefore: number;

/** Rows of every table, and the newest versions. */
async function stored(): Promise<unknown> {
  const tables = ['organizations', 'subscriptions', 'event_types', 'sources', 'api_keys', 'audit_trail', 'outbox'];
  const counts = tables.map((table) => `(SELECT count(*)::int FROM "${bed.schema}".${table}) AS ${table}`);
  return database.query(
    `SELECT ${counts.join(', ')}, (SELECT sum(version)::int FROM "${bed.schema}".subscriptions) AS v`,
  );
}

beforeAll(async () => {
  await bed.makeTopics();
  api = await bed.start();
  const settings = { url: testDatabaseUrl(), schema: bed.schema, applicationName: 'test' };
  database = createDataSource(settings, { migrations: [] });
  await connectDatabase(database, { logger: silent });
  const made = await bed.ask(api, '/v1/subscriptions', { json: { endpoint: { url: 'https://a.example' } } });
  subscription = textAt(made.json, 'id');
  before = await stored();
  rssBefore = process.memoryUsage().rss;
});
afterAll(async () => {
  await database.destroy();
  await bed.close();
});

interface Case extends Ask {
  readonly path?: string;
  readonly status?: number;
  /** Of the error: a pointer, or the name of a parameter. */
  readonly names?: string;
  /** Of the remedy. */
  readonly says?: string;
}

const JSON_TYPE = { 'content-type': 'application/json' };
const PATCH_TYPE = { 'content-type': 'application/merge-patch+json' };
const YAML_TYPE = { 'content-type': 'application/yaml' };
const url = 'https://a.example';
const endpoint = { url };
const text = (body: string, more: Partial<Case> = {}): Case => ({ body, headers: JSON_TYPE, ...more });
const field = (names: string, json: unknown, says: string): Case => ({ json, names, says });
const query = (given: string, names: string, says: string, status = 400): Case => ({
  ...{ path: given, names, says, status, method: 'GET' },
});
const deep = (depth: number) => '{"a":'.repeat(depth) + '1' + '}'.repeat(depth);
const one = () => `/v1/subscriptions/${subscription}`;

const CASES: Readonly<Record<string, () => Case>> = {
  'an unknown field': () => field('/evenTypes', { endpoint, evenTypes: [] }, 'did you mean "eventTypes"'),
  'an unknown field, deep': () => field('/endpoint/time_out', { endpoint: { url, time_out: '5s' } }, '"timeout"'),
  'a missing field': () => field('/endpoint', {}, 'expected object'),
  'a number for a text': () => field('/name', { endpoint, name: 7 }, 'expected string'),
  'a text for a flag': () => field('/active', { endpoint, active: 'yes' }, 'expected boolean'),
  'an object for a list': () => field('/eventTypes', { endpoint, eventTypes: {} }, 'expected array'),
  'null for a text': () => field('/description', { endpoint, description: null }, 'expected string'),
  'a list for the body': () => field('', [], 'expected object'),
  'a text for the body': () => field('', 'hello', 'expected object'),
  'null for the body': () => ({ ...text('null'), names: '', says: 'expected object' }),
  'an empty name': () => field('/name', { endpoint, name: '' }, '1'),
  'a name of two lines': () => field('/name', { endpoint, name: 'a\nb' }, 'control characters'),
  'a URL that is none': () => field('/endpoint/url', { endpoint: { url: 'nowhere' } }, 'http'),
  'a URL with a password': () => field('/endpoint/url', { endpoint: { url: 'https://u:p@a.example' } }, 'credentials'),
  'a URL of files': () => field('/endpoint/url', { endpoint: { url: 'file:///etc/passwd' } }, 'http'),
  'a header of ours': () =>
    field('/endpoint/headers/webhook-id', { endpoint: { url, headers: { 'webhook-id': 'x' } } }, ''),
  'a header of two lines': () =>
    field('/endpoint/headers/x', { endpoint: { url, headers: { x: 'a\r\nb: c' } } }, 'ASCII'),
  'a duration without a unit': () => field('/endpoint/timeout', { endpoint: { url, timeout: '5' } }, '5s'),
  'a duration out of bounds': () => field('/endpoint/timeout', { endpoint: { url, timeout: '5m' } }, 'within'),
  'a status that is none': () =>
    field('/endpoint/successStatuses/0', { endpoint: { url, successStatuses: [999] } }, '2xx'),
  'a number that is too large': () =>
    field('/rateLimit/concurrency', { endpoint, rateLimit: { concurrency: 1e9 } }, '1000'),
  'a number beyond all': () => ({
    ...text('{"endpoint":{"url":"https://a.example"},"retry":{"jitter":1e999}}'),
    names: '/retry/jitter',
  }),
  'a pattern of types that is none': () => field('/eventTypes/0', { endpoint, eventTypes: ['a..b'] }, ''),
  'too many types': () => field('/eventTypes', { endpoint, eventTypes: Array<string>(101).fill('a.b') }, '100'),
  'a filter that does not compile': () => field('/filters/0/cel', { endpoint, filters: [{ cel: 'data.' }] }, ''),
  'a filter of no dialect': () => field('/filters/0', { endpoint, filters: [{ regex: '.*' }] }, ''),
  'an organization nobody has': () => field('/organization', { endpoint, organization: 'nobody' }, 'no such'),
  'a secret that is none': () => field('/signing/secret', { endpoint, signing: { secret: 'hunter2' } }, 'whsec_'),
  'an event type with a bad schema': () => ({
    ...field('/schema/type', { name: 'a.b', schema: { type: 'strange' } }, ''),
    path: '/v1/event-types',
  }),
  'a role nobody has': () => ({ ...field('/role', { role: 'root' }, 'producer'), path: '/v1/api-keys' }),
  'an expiry in the past': () => ({
    ...field('/expiresAt', { expiresAt: '2020-01-01T00:00:00Z' }, 'future'),
    path: '/v1/api-keys',
  }),
  'a time that is none': () => ({ ...field('/expiresAt', { expiresAt: 'soon' }, ''), path: '/v1/api-keys' }),
  'a topic of ours': () => ({
    ...field('/topic', { topic: bed.topics.attempts }, ''),
    path: '/v1/sources',
  }),
  'a name given twice': () => text('{"name":"a","name":"b"}', { names: '/name', says: 'twice' }),
  'a name given twice, deep': () =>
    text('{"endpoint":{"headers":{"x":"1","\\u0078":"2"}}}', { names: '/endpoint/headers/x', says: 'twice' }),
  'a name given twice in a patch': () => ({
    ...{ method: 'PATCH', path: one(), headers: PATCH_TYPE, body: '{"metadata":{"a":"1","a":"2"}}' },
    ...{ names: '/metadata/a', says: 'twice' },
  }),
  'a name given twice in YAML': () => ({
    ...{ method: 'PUT', path: '/v1/apply', headers: YAML_TYPE, body: 'subscriptions:\n  - name: a\n    name: b\n' },
    ...{ names: '/subscriptions/0/name', says: 'twice' },
  }),
  'a name given twice in a document': () => ({
    ...{ method: 'PUT', path: '/v1/apply', headers: JSON_TYPE, body: '{"subscriptions":[],"subscriptions":[]}' },
    ...{ names: '/subscriptions', says: 'twice' },
  }),
  'YAML that repeats itself without end': () => ({
    ...{ method: 'PUT', path: '/v1/apply', headers: YAML_TYPE, says: 'cannot be read' },
    body: `a: &a [x,x,x,x,x,x,x,x,x]\n${[...'bcdefghi'].map((name, i) => `${name}: &${name} [${Array(9).fill(`*${'abcdefgh'[i]}`).join(',')}]`).join('\n')}`,
  }),
  '__proto__ in the body': () => text('{"__proto__":{"active":false}}', { names: '/__proto__', says: 'another' }),
  '__proto__ in metadata': () => text('{"metadata":{"__proto__":"x"}}', { names: '/metadata/__proto__' }),
  'constructor in the body': () =>
    field('/constructor', { endpoint, constructor: { prototype: { a: 1 } } }, 'unknown field'),
  'NUL in a text': () => field('/description', { endpoint, description: 'a\0b' }, 'NUL'),
  'half a surrogate pair': () => text('{"name":"\\ud83d"}', { names: '/name', says: 'surrogate' }),
  'bytes that are not UTF-8': () => ({
    body: Buffer.from('{"name":"\xff"}', 'latin1'),
    headers: JSON_TYPE,
    says: 'UTF-8',
  }),
  'UTF-16': () => ({ body: Buffer.from('\ufeff{}', 'utf16le'), headers: JSON_TYPE, says: 'UTF-8' }),
  'JSON cut short': () => text('{"name":', { says: 'JSON' }),
  'JSON with a comma too many': () => text('{"name":"a",}', { says: 'JSON' }),
  'no body': () => ({ method: 'POST', headers: JSON_TYPE }),
  'a body nested too deep': () => text(deep(200), { names: '/a'.repeat(100), says: 'deeper' }),
  'a body of brackets': () => text('['.repeat(200_000), { says: 'deeper' }),
  'a body that is too large': () => text(`{"name":"${'x'.repeat(300_000)}"}`, { status: 413, says: '262144' }),
  'a document that is too large': () => ({
    ...{ method: 'PUT', path: '/v1/apply', headers: JSON_TYPE, body: Buffer.alloc(34_000_000, 0x20) },
    ...{ status: 413, says: '33554432' },
  }),
  'a form': () => ({
    body: 'name=a',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    status: 415,
    says: 'application/json',
  }),
  'plain text': () => ({
    body: '{}',
    headers: { 'content-type': 'text/plain' },
    status: 415,
    says: 'application/json',
  }),
  'a compressed bomb': () => ({
    ...{ body: gzipSync(Buffer.alloc(10_000_000, 0x20)), headers: { ...JSON_TYPE, 'content-encoding': 'gzip' } },
    ...{ status: 415, names: 'Content-Encoding', says: 'as it is' },
  }),
  'a compressed event': () => ({
    ...{ path: '/v1/events', body: gzipSync('{"type":"a.b","data":1}'), status: 415, names: 'Content-Encoding' },
    headers: { ...JSON_TYPE, 'content-encoding': 'gzip' },
  }),
  'an event that is not UTF-8': () => ({
    ...{ path: '/v1/events', body: Buffer.from('{"type":"a.b","data":"\xff"}', 'latin1'), headers: JSON_TYPE },
    says: 'UTF-8',
  }),
  'an event without data': () => ({ ...field('/data', { type: 'a.b' }, 'may be null'), path: '/v1/events' }),
  'a cursor that is none': () => query('/v1/subscriptions?cursor=bm9uc2Vuc2U', 'cursor', 'nextCursor'),
  'a cursor that is none, in a body': () => ({
    ...field('/cursor', { event: { type: 'a.b', data: 1 }, cursor: 'c' }, 'nextCursor'),
    path: '/v1/subscriptions/explain',
  }),
  'a page of nothing': () => query('/v1/subscriptions?limit=0', 'limit', 'at least 1'),
  'a page of too much': () => query('/v1/subscriptions?limit=1e9', 'limit', '200'),
  'a parameter nobody knows': () =>
    query('/v1/subscriptions?organisation=x', 'organisation', 'did you mean "organization"'),
  'a parameter given twice': () => query('/v1/subscriptions?limit=1&limit=2', 'limit', ''),
  'NUL in a parameter': () => query('/v1/subscriptions?organization=%00', 'organization', 'NUL'),
  'an organization that is not there': () =>
    query('/v1/subscriptions?organization=org_no', 'organization', 'no such', 404),
  'an id that is none': () => ({ path: '/v1/subscriptions/42', status: 404 }),
  'an id with NUL': () => ({ path: '/v1/subscriptions/sub_%00', status: 404 }),
  'an id that is half encoded': () => ({ path: '/v1/subscriptions/%E0%A4', status: 400, says: 'well-formed' }),
  'an id without an end': () => ({ path: `/v1/subscriptions/${'x'.repeat(4_000)}`, status: 404 }),
  'a tag without quotes': () => ({
    ...{ method: 'DELETE', path: one(), headers: { 'if-match': '1' } },
    names: 'If-Match',
    says: 'quotes',
  }),
  'a tag of another version': () => ({
    method: 'DELETE',
    path: one(),
    headers: { 'if-match': '"7"' },
    status: 412,
    says: 'Read it again',
  }),
  'tags that contradict each other': () => ({
    method: 'DELETE',
    path: one(),
    headers: { 'if-match': '"7", W/"1"' },
    status: 412,
  }),
  'an Idempotency-Key with spaces': () => ({
    ...text('{}'),
    headers: { ...JSON_TYPE, 'idempotency-key': 'a b' },
    names: 'Idempotency-Key',
    says: 'UUID',
  }),
  'no key': () => ({ path: '/v1/subscriptions', key: null, status: 401, says: 'Bearer' }),
  'a key that is none': () => ({ path: '/v1/subscriptions', key: 'secret', status: 401, says: 'hsk_' }),
  'a method that is not there': () => ({ method: 'PUT', path: one(), json: {}, status: 405, says: 'PATCH' }),
  'a method on a list': () => ({ method: 'DELETE', path: '/v1/subscriptions', status: 405, says: 'POST' }),
  OPTIONS: () => ({ method: 'OPTIONS', path: '/v1/subscriptions', status: 405, says: 'GET' }),
  'a path that is not there': () => ({ path: '/v2/subscriptions', status: 404, says: '/v2/subscriptions' }),
};

function expectProblem(
  { status, headers, json, text: body }: Pick<Answer, 'status' | 'headers' | 'json' | 'text'>,
  given: Case,
) {
  const { status: wanted = 400, names, says = '' } = given;
  expect({ status, body: wanted === status ? '' : body }).toEqual({ status: wanted, body: '' });
  expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
  expect(json).toMatchObject({
    type: expect.stringMatching(/^\/problems\//),
    title: expect.any(String),
    status: wanted,
  });
  expect(body).toContain(JSON.stringify(says).slice(1, -1));
  if (names !== undefined) {
    const error = at(json, 'errors', '0');
    expect(at(error, 'pointer') ?? at(error, 'parameter')).toBe(names);
    expect(textAt(error, 'message').length).toBeGreaterThan(5);
  }
  if (wanted === 405) expect(headers.get('allow')).toContain(says);
  expect(body).not.toMatch(/\bat \S+ \(|node_modules|QueryFailed|SELECT /);
}

describe('a malformed request', () => {
  it.each(Object.keys(CASES))('is told what is wrong and what to do: %s', async (name) => {
    const given = CASES[name]?.() ?? {};
    const { path = '/v1/subscriptions', ...ask } = given;
    expectProblem(await bed.ask(api, path, ask), given);
  });

  const head = (more: string): string =>
    `POST /v1/subscriptions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${bed.key}\r\n${more}`;
  const json = 'Content-Type: application/json\r\n';

  const unreadable: readonly (readonly [what: string, bytes: () => string, status: number])[] = [
    ['what is not HTTP', () => 'HELO there\r\n\r\n', 400],
    ['a head that is too large', () => head(`X-Long: ${'x'.repeat(20_000)}\r\n\r\n`), 431],
    [
      'a URL that is too long',
      () => `GET /v1/subscriptions?cursor=${'x'.repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`,
      431,
    ],
    ['two lengths', () => head(`${json}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}`), 400],
    ['a length and chunks', () => head(`${json}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`), 400],
    ['a length that is none', () => head(`${json}Content-Length: -2\r\n\r\n{}`), 400],
    ['a chunk that is none', () => head(`${json}Transfer-Encoding: chunked\r\n\r\nZZ\r\n{}\r\n0\r\n\r\n`), 400],
  ];

  it.each(unreadable)('that cannot be read is answered too: %s', async (_, bytes, status) => {
    const answer = await sendRaw(api.url, bytes());
    const [lines = '', body = ''] = answer.split('\r\n\r\n', 2);
    expect(lines).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(lines).toMatch(/content-type: application\/problem\+json/i);
    expect(JSON.parse(body)).toMatchObject({ type: expect.stringMatching(/^\/problems\//), status });
  });

  it('whose body ends before its length says is not handled', async () => {
    await sendRaw(api.url, head(`${json}Content-Length: 500\r\n\r\n{"endpoint":{"url":"https://a.example"}}`), {
      end: true,
    });
  });

  it('leaves nothing behind: no row, no entry of the audit trail, no event, no memory', async () => {
    expect(await stored()).toEqual(before);
    expect(await bed.records(bed.topics.events)).toEqual([]);
    const grownMb = (process.memoryUsage().rss - rssBefore) / 1_048_576;
    expect(grownMb).toBeLessThan(250);
    const { status } = await bed.ask(api, one(), { method: 'GET' });
    expect(status).toBe(200);
  });
});
