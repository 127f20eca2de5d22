import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ProblemView } from '../support/api-client.js';
import { startWorld, type World } from '../support/world.js';

// Real: config-api and audit-log as processes, Kafka, PostgreSQL.
describe('an error that a user makes', () => {
  let world: World;

  beforeAll(async () => {
    world = await startWorld({ only: ['config-api', 'audit-log'] });
  });
  afterAll(() => world.stop());

  const valid = { name: 'n', eventTypes: ['a.b'], endpoint: { url: 'http://127.0.0.1:9/' } };

  it.each([
    ['an unknown field', { ...valid, evenTypes: ['x'] }, '/evenTypes', 'eventTypes'],
    ['an invalid URL', { ...valid, endpoint: { url: 'nonsense' } }, '/endpoint/url', 'http'],
    ['a wrong type', { ...valid, eventTypes: 'a.b' }, '/eventTypes', 'array'],
    ['a pattern inside a segment', { ...valid, eventTypes: ['a*'] }, '/eventTypes/0', 'segment'],
    [
      'a timeout out of bounds',
      { ...valid, endpoint: { ...valid.endpoint, timeout: '2m' } },
      '/endpoint/timeout',
      '30s',
    ],
    ['a filter that cannot be read', { ...valid, filters: [{ cel: 'data.amount >' }] }, '/filters/0/cel', 'line 1'],
    [
      'a binding without what it needs',
      { ...valid, payload: { binding: 'delivery' } },
      '/payload/hydrate',
      'it says where the entity is read',
    ],
  ])('%s is refused with the field and the remedy', async (_, body, pointer, remedy) => {
    const answer = await world.api.call<ProblemView>('POST', '/v1/subscriptions', body);
    expect(answer.status).toBe(400);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    const error = answer.body.errors?.find((each) => each.pointer === pointer);
    expect(error?.message).toContain(remedy);
  });

  it.each(['/v1/subscriptions', '/v1/deliveries'])(
    'a wrong key on %s is a 401 that says what to send',
    async (path) => {
      const answer = await world.api.withKey('hsk_wrong').call<ProblemView>('GET', path);
      expect(answer.status).toBe(401);
      expect(answer.body.detail).toMatch(/API key/);
    },
  );

  it('an event of 2 MB is a 413 that names the limit', async () => {
    const event = { type: 'too.big', data: 'x'.repeat(2_000_000) };
    const answer = await world.api.call<ProblemView>('POST', '/v1/events', event);
    expect(answer.status).toBe(413);
    expect(answer.body.detail).toMatch(/1 ?MiB|1048576|1,048,576/);
  });

  it('a foreign or unknown id is a 404', async () => {
    expect((await world.api.call('GET', '/v1/subscriptions/sub_0')).status).toBe(404);
    expect((await world.api.call('GET', '/v1/deliveries/dlv_0')).status).toBe(404);
    expect((await world.api.call('GET', '/v1/nothing/here')).status).toBe(404);
  });

  it('a broken cursor is a 400', async () => {
    const answer = await world.api.call<ProblemView>('GET', '/v1/deliveries?cursor=broken');
    expect(answer.status).toBe(400);
  });
});
