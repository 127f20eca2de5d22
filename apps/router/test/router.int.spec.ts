// Real: Kafka, kafkajs, Nest, the whole router. Configuration is written to its topic as config-api does.
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { decodeDelivery, type OutgoingRecord } from '@hookstream/contracts';
import { deliveryId, eventIdFromProducer } from '@hookstream/domain';
import { consumed, organizationDocument, sourceDocument, subscriptionDocument } from './support/builders.js';
import { RouterTestBed, soon } from './support/router-test-bed.js';
import { brokerAway, watchedLog } from './support/watched-log.js';

let bed: RouterTestBed;
beforeEach(async () => {
  bed = new RouterTestBed();
  await bed.createTopics();
});
afterEach(() => bed.close());

const plain = (id: number, topic = bed.topics.events): OutgoingRecord => ({
  topic,
  key: `k${id % 7}`,
  value: Buffer.from(JSON.stringify({ type: 'a.b', id: String(id), data: { id } })),
});
const idsOf = (deliveries: readonly { readonly event: { readonly externalId?: string } }[]) =>
  deliveries.map(({ event }) => Number(event.externalId)).sort((x, y) => x - y);
const range = (count: number) => Array.from({ length: count }, (_, n) => n);

describe('the router', () => {
  it('routes binary, structured and plain records of all four codecs, and what was written before its first start', async () => {
    await bed.configure(
      organizationDocument('acme', 'acme-gmbh'),
      subscriptionDocument('acme', ['a.*'], { organization: 'org_acme', version: 5 }),
      subscriptionDocument('other', ['**']),
    );
    const { events: topic } = bed.topics;
    const data = '{ "n": 12345678901234567890.10 }';
    const binary = {
      topic,
      key: null,
      value: Buffer.from(data),
      headers: { ce_specversion: '1.0', ce_id: 'gzip', ce_source: '/s', ce_type: 'a.b', ce_organization: 'acme-gmbh' },
    };
    const structured = {
      topic,
      key: null,
      value: Buffer.from(
        `{"specversion":"1.0","id":"snappy","source":"/s","type":"a.b","organization":"org_acme","data":${data}}`,
      ),
      headers: { 'content-type': 'application/cloudevents+json' },
    };
    const plainOf = (id: string) => ({
      topic,
      key: null,
      value: Buffer.from(`{"type":"a.b","id":"${id}","organization":"acme-gmbh","data":${data}}`),
    });
    await bed.writeCompressed('gzip', binary);
    await bed.writeCompressed('snappy', structured);
    await bed.writeCompressed('lz4', plainOf('lz4'));
    await bed.writeCompressed('zstd', plainOf('zstd'));

    await bed.start();

    const deliveries = await soon(async () => {
      const found = await bed.deliveries();
      expect(found).toHaveLength(4);
      return found;
    });
    expect(deliveries.map(({ event }) => event.externalId).sort()).toEqual(['gzip', 'lz4', 'snappy', 'zstd']);
    for (const delivery of deliveries) {
      expect(delivery).toMatchObject({ subscription: 'sub_acme', configVersion: 5, organization: 'org_acme' });
      expect(delivery.data.toString()).toBe(data);
    }
    const event = eventIdFromProducer('org_acme', '/s', 'gzip');
    expect(deliveries.map(({ id }) => id)).toContain(deliveryId(event, 'sub_acme'));
    await soon(async () => {
      expect(await bed.routed()).toHaveLength(4);
      expect(await bed.committedRecords(topic)).toBe(4);
    });
  });

  it('delivers only what filters let through, and tells what they could not say', async () => {
    const more = { version: 2 };
    await bed.configure(
      subscriptionDocument('large', ['**'], more, undefined, [{ cel: 'data.id >= 3 && event.type == "a.b"' }]),
      subscriptionDocument('broken', ['**'], more, undefined, [{ cel: 'data.nothing > 3' }]),
    );
    await bed.write(plain(1), plain(2), plain(3), plain(4));
    const router = await bed.start();
    const routed = await soon(async () => {
      const found = await bed.routed();
      expect(found).toHaveLength(4);
      return found;
    });
    expect(idsOf(await bed.deliveries())).toEqual([3, 4]);
    for (const { filterErrors } of routed) {
      expect(filterErrors).toEqual([{ subscription: 'sub_broken', message: expect.stringContaining('nothing') }]);
    }
    const metrics = await (await fetch(`${router.url}/metrics`)).text();
    expect(metrics).toMatch(/router_filtered_total 2$/m);
    expect(metrics).toMatch(/router_filter_errors_total 4$/m);
  });

  it('parks a record it cannot decode among the dead letters and commits past it', async () => {
    await bed.configure(subscriptionDocument('all', ['**']));
    const { events: topic } = bed.topics;
    const poison = { topic, key: 'k', value: Buffer.from([0xff, 0xfe]), headers: { 'x-trace': 'abc' } };
    const tombstone = { topic, key: 'k', value: null };
    const good = { ...plain(1), key: 'k' };
    await bed.write(good, poison, tombstone, { ...plain(2), key: 'k' });
    await bed.start();
    await soon(async () => {
      expect(idsOf(await bed.deliveries())).toEqual([1, 2]);
      expect(await bed.committedRecords(topic)).toBe(4);
    });
    const letters = await bed.deadLetters();
    expect(letters).toHaveLength(2);
    expect(letters).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          reason: 'undecodable',
          stage: 'router',
          value: Buffer.from([0xff, 0xfe]),
          headers: [['x-trace', Buffer.from('abc').toString('base64')]],
        }),
        expect.objectContaining({ reason: 'missing-type', value: null }),
      ]),
    );
  });

  it('takes an event as large as the limit, and buries a larger one with its bytes', async () => {
    await bed.configure(subscriptionDocument('all', ['**']));
    const { events: topic } = bed.topics;
    const headers = { ce_type: 'a.b', ce_id: '1' };
    await bed.write(
      { topic, key: 'k', value: Buffer.alloc(1_048_576, 1), headers },
      { topic, key: 'k', value: Buffer.alloc(1_048_577, 2), headers: { ...headers, ce_id: '2' } },
    );
    await bed.start();
    await soon(async () => {
      expect((await bed.deliveries()).map(({ data }) => data.length)).toEqual([1_048_576]);
      const [letter, ...others] = await bed.deadLetters();
      expect(letter).toMatchObject({ reason: 'oversize', valueBytes: 1_048_577 });
      expect(letter?.value?.equals(Buffer.alloc(1_048_576, 2))).toBe(true);
      expect(others).toEqual([]);
    });
  });

  it('follows subscriptions while it runs', async () => {
    await bed.start();
    await bed.write(plain(1));
    await soon(async () => expect(await bed.routed()).toHaveLength(1));
    await bed.configure(subscriptionDocument('late', ['**']));
    await soon(async () => {
      await bed.write(plain(1_000 + (await bed.routed()).length));
      expect(await bed.deliveries()).not.toHaveLength(0);
    });
    expect((await bed.routed()).filter(({ event }) => event.externalId === '1')).toEqual([
      expect.objectContaining({ matched: [], skipped: [] }),
    ]);
  });

  it('reads the topic of a new source while it runs, from where the source begins', async () => {
    await bed.configure(subscriptionDocument('all', ['**']));
    const topic = await bed.createTopic('orders');
    await bed.write(...range(3).map((id) => ({ ...plain(id, topic), partition: 1 })));
    await bed.start();
    await bed.write(plain(100));
    await soon(async () => expect(idsOf(await bed.deliveries())).toEqual([100]));

    await bed.configure(sourceDocument('orders', topic, { '0': 0, '1': 2, '2': 0 }));
    await bed.write({ ...plain(3, topic), partition: 0 }, plain(101));
    await soon(async () => expect(idsOf(await bed.deliveries())).toEqual([2, 3, 100, 101]));
  });

  it('reads the topics there are when that of a source is missing', async () => {
    await bed.configure(subscriptionDocument('all', ['**']), sourceDocument('gone', `${bed.prefix}nowhere`));
    await bed.start();
    await bed.write(plain(1));
    await soon(async () => expect(idsOf(await bed.deliveries())).toEqual([1]));
  });
});

describe('the router under faults', () => {
  it('loses nothing when some of a batch is written and the rest is refused, again and again', async () => {
    await bed.configure(subscriptionDocument('a', ['**']), subscriptionDocument('b', ['a.*']));
    let sends = 0;
    const log = watchedLog(bed.log, {
      beforeSend: () => {
        sends += 1;
        if (sends < 2_000 && sends % 97 === 0) throw brokerAway();
      },
    });
    const count = 500;
    await bed.write(...range(count).map((id) => plain(id)));
    await bed.start(log);
    const deliveries = await soon(async () => {
      expect(await bed.committedRecords(bed.topics.events)).toBe(count);
      return bed.deliveries();
    });
    expect(sends).toBeGreaterThan(97);
    for (const subscription of ['sub_a', 'sub_b']) {
      const of = deliveries.filter((delivery) => delivery.subscription === subscription);
      expect([...new Set(idsOf(of))]).toEqual(range(count));
    }
    expect(new Set(deliveries.map(({ id }) => id)).size).toBe(2 * count);
    const routed = new Set((await bed.routed()).map(({ event }) => event.id));
    expect(routed.size).toBe(count);
  });

  it('loses nothing when it is stopped in the middle and another one goes on', async () => {
    await bed.configure(subscriptionDocument('all', ['**']));
    const count = 2_000;
    await bed.write(...range(count / 2).map((id) => plain(id)));
    const first = await bed.start();
    await soon(async () => expect((await bed.deliveries()).length).toBeGreaterThan(0));
    await bed.write(...range(count / 2).map((id) => plain(count / 2 + id)));
    await first.stop();
    await bed.start();
    await soon(async () => expect(await bed.committedRecords(bed.topics.events)).toBe(count));
    expect([...new Set(idsOf(await bed.deliveries()))]).toEqual(range(count));
  });

  it('commits no offset before every effect below it is acknowledged', async () => {
    await bed.configure(subscriptionDocument('a', ['**']), subscriptionDocument('b', ['**']));
    const acknowledged = new Map<string, number>();
    const early: string[] = [];
    const log = watchedLog(bed.log, {
      onAcknowledged: (record) => {
        if (record.topic !== bed.topics.deliveries) return;
        const { origin } = decodeDelivery(consumed(record)).event;
        const place = `${origin.partition}/${origin.offset}`;
        acknowledged.set(place, (acknowledged.get(place) ?? 0) + 1);
      },
      onCommit: (commits) => {
        for (const { partition, offset } of commits) {
          for (const below of range(offset)) {
            if (acknowledged.get(`${partition}/${below}`) !== 2) early.push(`${partition}/${below}`);
          }
        }
      },
    });
    await bed.start(log);
    const count = 300;
    for (const id of range(count)) await bed.write(plain(id));
    await soon(async () => expect(await bed.committedRecords(bed.topics.events)).toBe(count));
    expect(early).toEqual([]);
    expect(acknowledged.size).toBe(count);
  });

  it('commits nothing while an effect is not acknowledged', async () => {
    await bed.configure(subscriptionDocument('all', ['**']));
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    let held = 0;
    const log = watchedLog(bed.log, {
      beforeSend: async ({ topic }) => {
        if (topic !== bed.topics.routed) return;
        held += 1;
        await released;
      },
    });
    await bed.write(plain(1));
    await bed.start(log);
    await soon(async () => {
      expect(held).toBe(1);
      expect(await bed.deliveries()).toHaveLength(1);
    });
    expect(await bed.committedRecords(bed.topics.events)).toBe(0);
    release();
    await soon(async () => expect(await bed.committedRecords(bed.topics.events)).toBe(1));
  });
});
