// Real: PostgreSQL, Kafka; config-api for the schema and the last case. Faked: time.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type OutgoingRecord } from '@hookstream/contracts';
import { connectDatabase, createDataSource, inTransaction } from '@hookstream/database';
import { newId } from '@hookstream/domain';
import { type RunningService } from '@hookstream/service';
import { eventually, testDatabaseUrl } from '@hookstream/testing';
import { type DataSource } from 'typeorm';
import { announce, announceDeletion } from '../src/adapters/postgres/announce.js';
import { configDatabase } from '../src/adapters/postgres/config-database.js';
import { OutboxRelay } from '../src/adapters/postgres/outbox-relay.js';
import { at, ConfigApiBed, textAt } from './support/config-api-bed.js';

const bed = new ConfigApiBed();
const silent = { info: () => undefined, warn: () => undefined };
const DAY_MS = 86_400_000;
let dataSource: DataSource;
let api: RunningService;

beforeAll(async () => {
  await bed.makeTopics();
  api = await bed.start();
  await bed.stop(api);
  dataSource = createDataSource(
    { url: testDatabaseUrl(), schema: bed.schema, applicationName: 'outbox-test' },
    configDatabase,
  );
  await connectDatabase(dataSource, { logger: silent });
});
afterAll(async () => {
  await dataSource.destroy();
  await bed.close();
});

/** A topic that writes down what it takes, and may be away. */
class FakeTopic {
  readonly taken: OutgoingRecord[] = [];
  away = false;

  readonly send = async (records: readonly OutgoingRecord[]): Promise<void> => {
    await new Promise((resolve) => setImmediate(resolve));
    if (this.away) throw new Error('the broker is away');
    this.taken.push(...records);
  };

  get versions(): unknown[] {
    return this.taken.map(({ value }) => value && at(JSON.parse(value.toString()), 'version'));
  }
}

function relayTo(topic: FakeTopic, now: () => Date = () => new Date()): OutboxRelay {
  return new OutboxRelay({ dataSource, topic: 'config', send: topic.send, now, onFailure: () => undefined });
}

const organization = (id: `org_${string}`, version: number) =>
  ({ kind: 'organization', id, version, name: 'x', externalId: null }) as const;
const write = (id: `org_${string}`, version: number) =>
  inTransaction(dataSource, (manager) => announce(manager, organization(id, version)));

describe('the outbox', () => {
  it('publishes nothing that was not committed, and everything that was', async () => {
    const topic = new FakeTopic();
    const relay = relayTo(topic);
    const failing = inTransaction(dataSource, async (manager) => {
      await announce(manager, organization(newId('org'), 1));
      throw new Error('rolled back');
    });
    await expect(failing).rejects.toThrow('rolled back');
    await write(newId('org'), 2);
    await relay.publish();
    await relay.publish();
    expect(topic.versions).toEqual([2]);
  });

  it('never writes an older version after a newer one, whichever replica relays', async () => {
    const topic = new FakeTopic();
    const replicas = [relayTo(topic), relayTo(topic), relayTo(topic)];
    const id = newId('org');
    const publishing: Promise<void>[] = [];
    // Writers of one document follow each other, for they lock its row; what they publish does not.
    for (let version = 1; version <= 42; version += 1) {
      await write(id, version);
      publishing.push(...replicas.map((replica) => replica.publish()));
    }
    await Promise.all(publishing);
    const versions = topic.versions.map(Number);
    expect(versions).toEqual([...new Set(versions)].sort((left, right) => left - right));
    expect(versions.at(-1)).toBe(42);
  });

  it('keeps what the broker did not take, and brings it later', async () => {
    const topic = new FakeTopic();
    const relay = relayTo(topic);
    topic.away = true;
    await write(newId('org'), 7);
    await expect(relay.publish()).rejects.toThrow('the broker is away');
    topic.away = false;
    relay.start();
    await eventually(() => expect(topic.versions).toEqual([7]));
    await relay.close();
  });

  it('sends the tombstone of a deleted thing after 30 days, not before', async () => {
    const topic = new FakeTopic();
    let now = Date.now();
    const relay = relayTo(topic, () => new Date(now));
    const id = newId('org');
    await inTransaction(dataSource, (manager) =>
      announceDeletion(manager, { kind: 'deleted', id, version: 2, organization: null, deletedAtMs: now }),
    );
    await relay.publish();
    now += 30 * DAY_MS - 1;
    await relay.publish();
    expect(topic.versions).toEqual([2]);
    now += 1;
    await relay.publish();
    expect(topic.taken.map(({ key, value }) => [key, value === null])).toEqual([
      [id, false],
      [id, true],
    ]);
  });
});

describe('the config topic', () => {
  it('gets everything again when it was lost', async () => {
    api = await bed.start();
    const made = await bed.ask(api, '/v1/subscriptions', { json: { endpoint: { url: 'https://x.example' } } });
    await bed.stop(api);
    await bed.admin.deleteTopics([bed.topics.config]);
    await eventually(async () => expect(await bed.admin.listTopics()).not.toContain(bed.topics.config));
    await bed.makeTopics();
    api = await bed.start();
    expect(await bed.documents(textAt(made.json, 'id'))).toMatchObject([{ kind: 'subscription', version: 1 }]);
    expect(await bed.documents('org_default')).toMatchObject([{ kind: 'organization' }]);
    const again = bed.lines.filter((line) => line.includes('announced again'));
    expect(again).toHaveLength(1);
  });
});
