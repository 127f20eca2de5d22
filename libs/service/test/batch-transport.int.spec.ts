// Real: Kafka, kafkajs, Nest, HTTP.
import { afterAll, describe, expect, it } from '@jest/globals';
import { createServer, connect, type Server } from 'node:net';
import { type BatchTransport, type ServiceHost } from '../src/index.js';
import { eventually } from './support/eventually.js';
import { readyz, Seen, ServiceTestBed } from './support/service-test-bed.js';

const bed = new ServiceTestBed();
afterAll(() => bed.close());

const consume =
  (seen: Seen, groupId: string, topic: string) =>
  (host: ServiceHost): Seen => {
    host.batchTransport({ groupId, topics: { things: [topic] }, commit: 'after-handler' });
    return seen;
  };

describe('a batch transport', () => {
  it('hands batches to the handler, commits past what it has handled and goes on there after a restart', async () => {
    const topic = await bed.topic('simple');
    const group = `${bed.prefix}simple`;
    const [first, second] = [new Seen(), new Seen()];
    await bed.values(topic, ['1', '2', '3']);
    const running = await bed.start(consume(first, group, topic));
    await eventually(async () => {
      expect(first.values).toEqual(['1', '2', '3']);
      expect(await bed.committed(group, topic)).toBe(3);
      expect((await readyz(running)).status).toBe(200);
    });
    await running.stop();
    await bed.values(topic, ['4']);
    await bed.start(consume(second, group, topic));
    await eventually(() => expect(second.values).toEqual(['4']));
  });

  it('hands a batch again when its handler throws, and commits nothing of it before', async () => {
    const topic = await bed.topic('failing');
    const group = `${bed.prefix}failing`;
    const seen = new Seen();
    let failures = 0;
    const committedBefore: unknown[] = [];
    seen.before = async () => {
      if (++failures > 2) return;
      committedBefore.push(await bed.committed(group, topic));
      throw new Error('database away');
    };
    await bed.values(topic, ['1', '2']);
    await bed.start(consume(seen, group, topic));
    await eventually(async () => {
      expect(seen.values).toEqual(['1', '2']);
      expect(await bed.committed(group, topic)).toBe(2);
    });
    expect(committedBefore).toEqual([undefined, undefined]);
    expect(bed.lines.join('')).toContain('database away');
  });

  it('lets a handler under way end at the stop, runs the drain while commits still work, then leaves', async () => {
    const topic = await bed.topic('drain');
    const group = `${bed.prefix}drain`;
    const seen = new Seen();
    const order: string[] = [];
    const holder: { transport?: BatchTransport } = {};
    await bed.values(topic, ['1', '2']);
    const running = await bed.start((host) => {
      const listener = { onRevoked: (_lost: unknown, reason: string) => void order.push(`revoked ${reason}`) };
      const transport = host.batchTransport({
        groupId: group,
        topics: { things: [topic] },
        commit: 'manual',
        listener,
      });
      holder.transport = transport;
      host.lifecycle.onDrain('tracker', async () => {
        order.push('drain');
        await transport.commit([{ topic, partition: 0, offset: 1, metadata: 'holes' }]);
      });
      host.lifecycle.onClose('pool', () => void order.push('close'));
      return seen;
    });
    await eventually(() => expect(seen.values).toEqual(['1', '2']));
    expect(await bed.committed(group, topic)).toBeUndefined();
    await running.stop();
    expect(order).toEqual(['drain', 'revoked leaving', 'close']);
    expect(await bed.committed(group, topic)).toBe(1);
  });

  it('takes topics that come later, and names those that are missing until they exist', async () => {
    const [first, late] = [await bed.topic('dynamic-1'), `${bed.prefix}dynamic-2`];
    const seen = new Seen();
    const holder: { transport?: BatchTransport } = {};
    await bed.values(first, ['a']);
    const running = await bed.start((host) => {
      holder.transport = host.batchTransport({
        groupId: `${bed.prefix}dynamic`,
        topics: { things: [] },
        commit: 'after-handler',
        missingTopicsIntervalMs: 250,
      });
      return seen;
    });
    await eventually(async () => expect((await readyz(running)).status).toBe(200));
    await holder.transport?.setTopics('things', [first]);
    await eventually(() => expect(seen.values).toEqual(['a']));
    void holder.transport?.setTopics('things', [first, late]);
    await eventually(async () => expect((await readyz(running)).text).toContain(`topics are missing: ${late}`));
    await bed.topic('dynamic-2');
    await bed.values(late, ['b']);
    await eventually(async () => {
      expect(seen.values).toEqual(['a', 'b']);
      expect((await readyz(running)).status).toBe(200);
    });
    await holder.transport?.setTopics('things', []);
    await bed.values(first, ['c']);
    await holder.transport?.setTopics('things', [first]);
    await eventually(() => expect(seen.values).toEqual(['a', 'b', 'c']));
  });

  it('listens, says what it waits for and recovers when no broker can be reached at the start', async () => {
    const topic = await bed.topic('late-broker');
    const seen = new Seen();
    await bed.values(topic, ['1']);
    const gate = new BrokerGate(bed.brokers);
    const port = await gate.reserve();
    const running = await bed.start(consume(seen, `${bed.prefix}late-broker`, topic), {
      HOOKSTREAM_KAFKA_BROKERS: `127.0.0.1:${port}`,
    });
    await eventually(async () => {
      expect((await fetch(`${running.url}/healthz`)).status).toBe(200);
      expect(await readyz(running)).toMatchObject({ status: 503, text: expect.stringContaining('has not joined') });
      expect(bed.lines.join('')).toContain('not ready: ');
    });
    await gate.open();
    await eventually(async () => {
      expect(seen.values).toEqual(['1']);
      expect((await readyz(running)).status).toBe(200);
    });
    await running.stop();
    await gate.close();
  });
});

/** A port that refuses until it is opened, then leads to the broker. */
class BrokerGate {
  #port = 0;
  #server: Server | undefined;

  constructor(private readonly broker: string) {}

  async reserve(): Promise<number> {
    const server = await this.#listen(0);
    const address = server.address();
    this.#port = typeof address === 'object' && address ? address.port : 0;
    await new Promise((resolve) => server.close(resolve));
    return this.#port;
  }

  async open(): Promise<void> {
    this.#server = await this.#listen(this.#port);
  }

  async close(): Promise<void> {
    const server = this.#server;
    if (server) await new Promise((resolve) => server.close(resolve));
  }

  #listen(port: number): Promise<Server> {
    const [host, brokerPort] = this.broker.split(':');
    const server = createServer((inside) => {
      const outside = connect(Number(brokerPort), host);
      inside.pipe(outside).pipe(inside);
      inside.on('error', () => outside.destroy());
      outside.on('error', () => inside.destroy());
    });
    return new Promise((resolve) => server.listen(port, '127.0.0.1', () => resolve(server)));
  }
}
