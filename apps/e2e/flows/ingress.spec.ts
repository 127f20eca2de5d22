import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually, ScriptedReceiver } from '@hookstream/testing';
import { CloudEvent, Kafka } from 'cloudevents';
import { startWorld, type World } from '../support/world.js';

// Real: all five services as processes, Kafka with records by its own console producer, PostgreSQL, receivers.
describe('a record on an ingress topic', () => {
  let world: World;
  let receiver: ScriptedReceiver;
  let subscription: string;

  beforeAll(async () => {
    world = await startWorld();
    receiver = await ScriptedReceiver.start();
    const made = await world.api.subscribe({ name: 'all', eventTypes: ['**'], endpoint: { url: receiver.url() } });
    subscription = made.id;
  });
  afterAll(async () => {
    await receiver.close();
    await world.stop();
  });
  afterEach(() => {
    receiver.journal.length = 0;
  });

  const received = async (count: number) => {
    await eventually(() => expect(receiver.journal).toHaveLength(count), { timeoutMs: 30_000 });
    return receiver.journal.map(
      ({ body }) => JSON.parse(body.toString()) as { type: string; data: unknown; timestamp: string },
    );
  };

  it('by Kafka’s console producer, plain JSON, is delivered once', async () => {
    await world.consoleProducer(world.topics.events, ['{"type":"plain.json","data":{"by":"console"}}']);
    expect(await received(1)).toMatchObject([{ type: 'plain.json', data: { by: 'console' } }]);
  });

  it('by the CloudEvents SDK is delivered in both modes', async () => {
    const event = new CloudEvent({ type: 'ce.sdk', source: '/sdk', id: 'sdk-1', data: { by: 'sdk' } });
    const other = new CloudEvent({ type: 'ce.sdk', source: '/sdk', id: 'sdk-2', data: { by: 'sdk' } });
    for (const message of [Kafka.binary(event), Kafka.structured(other)]) {
      const value = typeof message.value === 'string' ? message.value : JSON.stringify(message.value);
      const present = Object.entries(message.headers).filter(([, text]) => text !== undefined);
      const headers = Object.fromEntries(present.map(([name, text]) => [name, String(text)]));
      await world.producer.send({ topic: world.topics.events, key: 'k', value: Buffer.from(value), headers });
    }
    expect(await received(2)).toMatchObject([
      { type: 'ce.sdk', data: { by: 'sdk' } },
      { type: 'ce.sdk', data: { by: 'sdk' } },
    ]);
  });

  it.each(['gzip', 'snappy', 'lz4', 'zstd'] as const)('compressed by %s is delivered', async (compression) => {
    await world.consoleProducer(world.topics.events, [`{"type":"codec.${compression}","data":1}`], compression);
    expect(await received(1)).toMatchObject([{ type: `codec.${compression}`, data: 1 }]);
  });

  it('that is poison between good ones stops nothing, and is kept with its reason', async () => {
    const good = (n: number) => ({ value: Buffer.from(`{"type":"good.one","data":${n}}`) });
    for (const { value } of [
      good(1),
      { value: Buffer.from('not json at all') },
      good(2),
      { value: Buffer.from('{"no":"type"}') },
      good(3),
    ])
      await world.producer.send({ topic: world.topics.events, key: 'same', value });
    const data = (await received(3)).map((event) => event.data);
    expect([...data].sort()).toEqual([1, 2, 3]);
    await eventually(
      async () => {
        const { body } = await world.api.call<{ data: { reason: string }[] }>('GET', '/v1/dead-letters');
        expect(body.data.length).toBeGreaterThanOrEqual(2);
      },
      { timeoutMs: 20_000 },
    );
  });

  it('of a source that was just declared is read without a restart', async () => {
    const topic = `${world.topics.events}.orders`;
    await world.createTopic(topic);
    const mapping = { format: 'json', type: { constant: 'order.made' }, id: { pointer: '/orderId' } };
    const made = await world.api.call('POST', '/v1/sources', { name: 'orders', topic, mapping });
    expect(made).toMatchObject({ status: 201 });
    await world.producer.send({ topic, key: null, value: Buffer.from('{"orderId":"o-1","total":3}') });
    expect(await received(1)).toMatchObject([{ type: 'order.made', data: { orderId: 'o-1', total: 3 } }]);
  });

  it('twice with the same id is one event, delivered once', async () => {
    const value = Buffer.from('{"type":"same.id","id":"only-1","data":1}');
    await world.producer.send({ topic: world.topics.events, key: 'a', value });
    await world.producer.send({ topic: world.topics.events, key: 'a', value });
    await world.producer.send({
      topic: world.topics.events,
      key: 'a',
      value: Buffer.from('{"type":"same.id","id":"only-2","data":2}'),
    });
    expect((await received(2)).map((event) => event.data)).toEqual([1, 2]);
    await eventually(async () => {
      const deliveries = await world.api.deliveries(`subscription=${subscription}&state=delivered&eventType=same.id`);
      expect(deliveries).toHaveLength(2);
    });
  });
});
