// Real: PostgreSQL, Kafka; config-api where the topic is real. Faked: time, and the topic of the first cases.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { encodeConfigDocument, type ConfigDocument, type OutgoingRecord } from '@hookstream/contracts';
import { connectDatabase, createDataSource, inTransaction } from '@hookstream/database';
import { newId } from '@hookstream/domain';
import { type RunningService } from '@hookstream/service';
import { eventually, testDatabaseUrl } from '@hookstream/testing';
import { type DataSource } from 'typeorm';
import { announce, announceDeletion } from '../src/adapters/postgres/announce.js';
import { configDatabase } from '../src/adapters/postgres/config-database.js';
import { Leadership } from '../src/adapters/postgres/leadership.js';
import { DirtySet1786500000000 } from '../src/adapters/postgres/migrations/dirty-set.js';
import { OutboxRelay } from '../src/adapters/postgres/outbox-relay.js';
import { OutboxTable } from '../src/adapters/postgres/outbox-table.js';
import { storedDocuments } from '../src/config-api.relay.js';
import { at, ConfigApiBed, textAt } from './support/config-api-bed.js';

const bed = new ConfigApiBed();
const silent = { info: () => undefined, warn: () => undefined };
const DAY_MS = 86_400_000;
const RECONCILED_OFTEN = { HOOKSTREAM_CONFIG_RECONCILE_INTERVAL: '1s' };
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

/** A topic that writes down what it takes, may be away, and may hold a writer up. */
class FakeTopic {
  readonly taken: OutgoingRecord[] = [];
  away = false;
  held: Promise<void> | undefined;
  asked = 0;

  readonly send = async (records: readonly OutgoingRecord[]): Promise<void> => {
    this.asked += 1;
    await (this.held ?? new Promise((resolve) => setImmediate(resolve)));
    if (this.away) throw new Error('the broker is away');
    this.taken.push(...records);
  };

  get versions(): unknown[] {
    return this.taken.map(({ value }) => value && at(JSON.parse(value.toString()), 'version'));
  }
}

function relayTo(topic: Pick<FakeTopic, 'send'>, more: { nowMs?: () => number } = {}): OutboxRelay {
  return new OutboxRelay({
    dataSource,
    documents: storedDocuments(() => undefined),
    topic: 'config',
    send: topic.send,
    now: () => new Date(),
    nowMs: () => performance.now(),
    onPublished: () => undefined,
    ...more,
  });
}

type OrganizationId = `org_${string}`;

/** A change as a writer makes it: the row and its mark, one transaction. */
const write = (id: OrganizationId, version: number) =>
  inTransaction(dataSource, async (manager) => {
    await manager.query(
      `INSERT INTO organizations (id, version, name, created_at, updated_at) VALUES ($1, $2, 'x', now(), now())
       ON CONFLICT (id) DO UPDATE SET version = excluded.version`,
      [id, version],
    );
    await announce(manager, { id });
  });

describe('the outbox', () => {
  it('publishes nothing that was not committed, and everything that was', async () => {
    const topic = new FakeTopic();
    const relay = relayTo(topic);
    const failing = inTransaction(dataSource, async (manager) => {
      await announce(manager, { id: newId('org') });
      throw new Error('rolled back');
    });
    await expect(failing).rejects.toThrow('rolled back');
    await write(newId('org'), 2);
    await relay.publish();
    await relay.publish();
    expect(topic.versions).toEqual([2]);
  });

  it('publishes a thing that changed often once, as it is then, and says when it changed first', async () => {
    const topic = new FakeTopic();
    const id = newId('org');
    const before = Date.now();
    await write(id, 1);
    const after = Date.now();
    for (let version = 2; version <= 20; version += 1) await write(id, version);
    await relayTo(topic).publish();
    expect(topic.versions).toEqual([20]);
    const changedAtMs = Number(topic.taken[0]?.headers?.['changed-at']);
    expect(changedAtMs).toBeGreaterThanOrEqual(before - 5);
    expect(changedAtMs).toBeLessThanOrEqual(after + 5);
  });

  it('publishes more than fit into one round, and what no version of us can read holds up nothing', async () => {
    const topic = new FakeTopic();
    const unreadable = newId('org');
    await write(unreadable, 1);
    await dataSource.query(`UPDATE organizations SET quotas = '"none"' WHERE id = $1`, [unreadable]);
    const ids = Array.from({ length: 1_201 }, () => newId('org'));
    await inTransaction(dataSource, async (manager) => {
      for (const id of ids) await announce(manager, { id });
    });
    await relayTo(topic).publish();
    expect(new Set(topic.taken.map(({ key }) => key))).toEqual(new Set(ids));
    expect(topic.taken).toHaveLength(ids.length);
    await dataSource.query(`DELETE FROM organizations WHERE id = $1`, [unreadable]);
    await relayTo(topic).publish();
    expect(topic.taken.at(-1)).toMatchObject({ key: unreadable, value: null });
  });

  it('never writes an older version after a newer one, whichever replica publishes', async () => {
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
    expect(versions).toEqual([...versions].sort((left, right) => left - right));
    expect(versions.at(-1)).toBe(42);
  });

  it('keeps what the broker did not take, and brings it later', async () => {
    const topic = new FakeTopic();
    const relay = relayTo(topic);
    topic.away = true;
    await write(newId('org'), 7);
    await expect(relay.publish()).rejects.toThrow('the broker is away');
    topic.away = false;
    await relay.publish();
    expect(topic.versions).toEqual([7]);
  });

  it('publishes again what was changed while it was being published', async () => {
    const topic = new FakeTopic();
    const id = newId('org');
    await write(id, 1);
    let release = () => {};
    topic.held = new Promise((resolve) => (release = resolve));
    const relay = relayTo(topic);
    const publishing = relay.publish();
    await eventually(() => expect(topic.asked).toBe(1));
    await write(id, 2);
    release();
    await publishing;
    await relay.publish();
    expect(topic.versions).toEqual([1, 2]);
  });

  it('tells of a deletion for 30 days, and then ends it by a tombstone', async () => {
    const topic = new FakeTopic();
    let nowMs = Date.now();
    const outbox = new OutboxTable(dataSource, () => new Date(nowMs));
    const relay = relayTo(topic);
    const id = newId('org');
    await inTransaction(dataSource, (manager) =>
      announceDeletion(manager, { kind: 'deleted', id, version: 2, organization: null, deletedAtMs: nowMs }),
    );
    await relay.publish();
    nowMs += 30 * DAY_MS - 1;
    await outbox.bury();
    await relay.publish();
    expect(topic.versions).toEqual([2]);
    nowMs += 1;
    await outbox.bury();
    await relay.publish();
    expect(topic.taken.map(({ key, value }) => [key, value === null])).toEqual([
      [id, false],
      [id, true],
    ]);
  });

  it('sends nothing when it was stopped for so long that it may have lost the lock', async () => {
    const topic = new FakeTopic();
    const id = newId('org');
    await write(id, 1);
    let nowMs = 0;
    const stopped = relayTo(topic, { nowMs: () => (nowMs += 4_000) });
    await expect(stopped.publish()).rejects.toThrow('lost');
    expect(topic.taken).toEqual([]);
    await relayTo(topic).publish();
    expect(topic.versions).toEqual([1]);
  });
});

describe('the migration to an outbox of ids', () => {
  it('keeps what waits: documents, deletions, and tombstones that are due in a month', async () => {
    const [changed, deleted, ended] = [newId('org'), newId('sub'), newId('sub')];
    const deletion = { kind: 'deleted', id: deleted, version: 4, organization: 'org_a', deletedAtMs: 1_000 };
    const dueAt = new Date(Date.now() + DAY_MS);
    const runner = dataSource.createQueryRunner();
    const migration = new DirtySet1786500000000();
    await migration.down(runner);
    for (const [key, value, due] of [
      [changed, '{"kind":"organization"}', new Date(0)],
      [deleted, JSON.stringify(deletion), new Date(0)],
      [deleted, null, dueAt],
      [ended, null, dueAt],
    ]) {
      await runner.query('INSERT INTO outbox (key, value, due_at) VALUES ($1, $2, $3)', [key, value, due]);
    }
    await migration.up(runner);
    await runner.release();
    expect(await dataSource.query('SELECT id, due_at AS "dueAt" FROM outbox ORDER BY due_at, id')).toEqual([
      ...[changed, deleted].sort().map((id) => ({ id, dueAt: new Date(0) })),
      { id: ended, dueAt },
    ]);
    expect(await dataSource.query('SELECT id, version, organization FROM deleted_documents')).toEqual([
      { id: deleted, version: 4, organization: 'org_a' },
    ]);
    await dataSource.query('DELETE FROM outbox');
    await dataSource.query('DELETE FROM deleted_documents');
  });
});

describe('the leader', () => {
  const candidate = (changes: boolean[], timing = { standbyMs: 50, heartbeatMs: 200, silenceMs: 1_000 }) =>
    new Leadership({
      dataSource,
      name: `leader of ${bed.id}`,
      lead: (signal) => new Promise((resolve) => signal.addEventListener('abort', () => resolve())),
      onChange: (isLeader) => void changes.push(isLeader),
      onFailure: () => undefined,
      timing,
    });
  const sessions = () =>
    dataSource.query(
      `SELECT pid, pg_terminate_backend(pid) FROM pg_locks
       WHERE locktype = 'advisory' AND granted
         AND (classid::bigint << 32) + objid::bigint = hashtextextended($1, 0)`,
      [`leader of ${bed.id}`],
    );

  it('is one at a time, and another when it goes, loses its session, or is stopped', async () => {
    const [first, second, third]: boolean[][] = [[], [], []];
    const one = candidate(first ?? []);
    one.start();
    await eventually(() => expect(first).toEqual([true]));
    // It shows no sign of life, as one that was stopped: the server ends its session.
    const two = candidate(second ?? [], { standbyMs: 50, heartbeatMs: 60_000, silenceMs: 1_000 });
    two.start();
    await one.close();
    await eventually(() => expect(second).toEqual([true]));
    const three = candidate(third ?? []);
    three.start();
    await eventually(() => expect(third).toEqual([true]), { timeoutMs: 10_000 });
    await sessions();
    await eventually(() => expect(third?.slice(0, 3)).toEqual([true, false, true]), { timeoutMs: 10_000 });
    await Promise.all([two.close(), three.close()]);
    expect(third?.at(-1)).toBe(false);
  });
});

describe('the config topic', () => {
  const subscription = { endpoint: { url: 'https://x.example' } };
  const made = async () => textAt((await bed.ask(api, '/v1/subscriptions', { json: subscription })).json, 'id');
  const last = async (id: string) => (await bed.documents(id)).at(-1);
  const metric = async (name: string) => {
    const text = await (await fetch(`${api.url}/metrics`)).text();
    return Number(
      text
        .split('\n')
        .find((line) => line.startsWith(`${name} `))
        ?.slice(name.length + 1),
    );
  };
  const write = async (...documents: readonly ConfigDocument[]) => {
    const producer = bed.log.producer({ ordered: true });
    await producer.sendAll(documents.map((document) => encodeConfigDocument(bed.topics.config, document)));
    await producer.close();
  };

  it('ends with the newest version of a document, whatever a writer that was stopped still writes', async () => {
    api = await bed.start();
    const id = await made();
    const [first] = await bed.documents(id);
    expect((await bed.ask(api, `/v1/subscriptions/${id}/deactivate`, { method: 'POST' })).status).toBe(200);
    if (!first) throw new Error('no document');
    await write(first);
    await eventually(async () => expect(await last(id)).toMatchObject({ version: 2, active: false }), {
      timeoutMs: 10_000,
    });
    expect(await metric('hookstream_config_propagation_seconds_count')).toBeGreaterThanOrEqual(2);
    expect(await metric('hookstream_config_publish_seconds_count')).toBeGreaterThanOrEqual(2);
    expect(await metric('hookstream_config_relay_leader')).toBe(1);
    await bed.stop(api);
  });

  it('gets everything again when it is lost, deletions too, while the service runs', async () => {
    api = await bed.start();
    const [kept, deleted] = [await made(), await made()];
    await bed.ask(api, `/v1/subscriptions/${deleted}`, { method: 'DELETE' });
    await bed.admin.deleteTopics([bed.topics.config]);
    await eventually(async () => expect(await bed.admin.listTopics()).not.toContain(bed.topics.config));
    await bed.makeTopics();
    await eventually(
      async () => {
        expect(await bed.documents(kept)).toMatchObject([{ kind: 'subscription', version: 1 }]);
        expect(await bed.documents(deleted)).toMatchObject([{ kind: 'deleted', version: 2 }]);
        expect(await bed.documents('org_default')).toMatchObject([{ kind: 'organization' }]);
      },
      { timeoutMs: 30_000 },
    );
    await bed.stop(api);
  }, 60_000);

  it('gets everything again when it was lost while nobody ran', async () => {
    await bed.admin.deleteTopics([bed.topics.config]);
    await eventually(async () => expect(await bed.admin.listTopics()).not.toContain(bed.topics.config));
    await bed.makeTopics();
    const before = bed.lines.filter((line) => line.includes('announced again')).length;
    api = await bed.start();
    await eventually(async () => expect(await last('org_default')).toMatchObject({ kind: 'organization' }));
    await eventually(() =>
      expect(bed.lines.filter((line) => line.includes('announced again'))).toHaveLength(before + 1),
    );
    await bed.stop(api);
  });

  it('is repaired where it differs from the database, and says what no table knows', async () => {
    api = await bed.start();
    const [other, ahead] = [await made(), await made()];
    const [otherDocument, aheadDocument] = [await last(other), await last(ahead)];
    if (otherDocument?.kind !== 'subscription' || aheadDocument?.kind !== 'subscription') throw new Error('none');
    await bed.stop(api);
    const stranger = newId('sub');
    await write(
      { ...otherDocument, name: 'of another time' },
      // The database came from a backup.
      { ...aheadDocument, version: 7 },
      { ...otherDocument, id: stranger },
    );
    api = await bed.start(RECONCILED_OFTEN);
    await eventually(async () => {
      expect(await last(other)).toEqual(otherDocument);
      expect(await last(ahead)).toEqual({ ...aheadDocument, version: 8 });
    });
    expect((await bed.ask(api, `/v1/subscriptions/${ahead}`)).json).toMatchObject({ version: 8 });
    await eventually(async () => {
      expect(await metric('hookstream_config_differences_total{difference="different"}')).toBe(1);
      expect(await metric('hookstream_config_differences_total{difference="ahead"}')).toBe(1);
      expect(await metric('hookstream_config_unknown_documents')).toBe(1);
    });
    expect(bed.lines.join('')).toContain(stranger);
    await bed.stop(api);
  });
});
