// Real: PostgreSQL, Kafka, Nest, HTTP; the rotation runs in this process and is broken off in the middle.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ConfigDocument, SecretBox } from '@hookstream/contracts';
import { connectDatabase, createDataSource } from '@hookstream/database';
import { type RunningService } from '@hookstream/service';
import { testDatabaseUrl } from '@hookstream/testing';
import { configDatabase } from '../src/adapters/postgres/config-database.js';
import { KeyRotation } from '../src/adapters/postgres/key-rotation.js';
import { ConfigApiBed, textAt } from './support/config-api-bed.js';

const former = { id: 'k1', key: Buffer.alloc(32, 7) };
const current = { id: 'k2', key: Buffer.alloc(32, 8) };
const setting = (...keys: (typeof former)[]) => ({
  HOOKSTREAM_ENCRYPTION_KEYS: keys.map(({ id, key }) => `${id}:${key.toString('base64')}`).join(','),
});
const both = new SecretBox([current, former]);
const SUBSCRIPTIONS = 25;

const logger = { info: () => undefined, warn: () => undefined, error: () => undefined };
const bed = new ConfigApiBed();
const tables = createDataSource(
  { url: testDatabaseUrl(), schema: bed.schema, applicationName: 'test' },
  configDatabase,
  logger,
);
let api: RunningService;

beforeAll(async () => {
  await bed.makeTopics();
  api = await bed.start();
  await connectDatabase(tables, { logger });
});
afterAll(async () => {
  await tables.destroy();
  await bed.close();
});

const rotation = (onProgress: () => void = () => undefined, box = both) =>
  new KeyRotation({ dataSource: tables, box, rowsAtOnce: 10, onProgress, onWaiting: () => undefined });
// A member of a tenant's own that only looks like a secret of ours.
const headers = { sealed: 'v1.k1.not-a-secret-of-ours' };
const endpoint = { url: 'https://a.example', headers, auth: { type: 'bearer', token: 'a-token' } };
const create = (name: string) =>
  bed.ask(api, '/v1/subscriptions', {
    json: { name, endpoint },
    headers: { 'idempotency-key': name },
  });

/** The secrets that a dispatcher with these keys would sign by, of the newest document of each subscription. */
async function signing(box: SecretBox): Promise<ReadonlyMap<string, readonly string[]>> {
  const newest = new Map<string, Extract<ConfigDocument, { kind: 'subscription' }>>();
  for (const document of await bed.configDocuments()) {
    if (document?.kind !== 'subscription') continue;
    if ((newest.get(document.id)?.version ?? 0) < document.version) newest.set(document.id, document);
  }
  return new Map(
    [...newest.values()].map(({ id, organization, sealedSecrets, settings }) => {
      const { auth } = settings.endpoint;
      const token = auth && box.open(auth.sealed, { organization, subscription: id }).toString();
      if (token !== 'a-token') throw new Error(`the token of ${id} is lost`);
      const opened = sealedSecrets.map((sealed) => box.open(sealed, { organization, subscription: id }));
      return [id, opened.map((key) => `whsec_${key.toString('base64')}`)] as const;
    }),
  );
}

describe('a change of the key that seals secrets', () => {
  it('goes on while secrets are read and written, is taken up where it was broken off, and leaves nothing to the former key', async () => {
    const secrets = new Map<string, string[]>();
    const answers = new Map<string, string>();
    for (let count = 0; count < SUBSCRIPTIONS; count += 1) {
      const made = await create(`s-${count}`);
      secrets.set(textAt(made.json, 'id'), [textAt(made.json, 'signing', 'secret')]);
      answers.set(`s-${count}`, made.text);
    }
    const [rotated = ''] = secrets.keys();
    const turn = await bed.ask(api, `/v1/subscriptions/${rotated}/rotate-secret`, { method: 'POST' });
    secrets.set(rotated, [textAt(turn.json, 'signing', 'secret'), ...(secrets.get(rotated) ?? [])]);
    const fingerprints = textAt(turn.json, 'signing', 'secrets', '1', 'fingerprint');

    // Step 1 of the runbook: everybody holds both keys.
    await bed.stop(api);
    api = await bed.start(setting(current, former));
    const ids = [...secrets.keys()];
    let isOver = false;
    let changes = 0;
    const traffic = (async () => {
      for (; !isOver; changes += 1) {
        const id = ids[changes % ids.length] ?? '';
        const json = { metadata: { change: String(changes) } };
        const changed = await bed.ask(api, `/v1/subscriptions/${id}`, { method: 'PATCH', json });
        expect(changed.status).toBe(200);
      }
    })();
    const reads = (async () => {
      while (!isOver) {
        expect(await signing(both)).toEqual(secrets);
      }
    })();

    // Step 2, killed after the first transaction.
    await expect(
      rotation(() => {
        throw new Error('killed');
      }).run(),
    ).rejects.toThrow('killed');
    const report = await rotation()
      .run()
      .finally(() => {
        isOver = true;
      });
    await Promise.all([traffic, reads]);
    expect(changes).toBeGreaterThan(0);
    expect(report).toMatchObject({ subscriptions: SUBSCRIPTIONS - 10, unreadable: [], sealedByOthers: 0 });
    expect(report.answers).toBe(SUBSCRIPTIONS);
    expect(await rotation().run()).toMatchObject({ subscriptions: 0, answers: 0 });

    // Step 3: nobody holds the former key.
    await bed.stop(api);
    api = await bed.start(setting(current));
    expect(await signing(new SecretBox([current]))).toEqual(secrets);
    for (const [name, text] of answers) expect((await create(name)).text).toBe(text);
    const read = await bed.ask(api, `/v1/subscriptions/${rotated}`);
    expect(textAt(read.json, 'signing', 'secrets', '1', 'fingerprint')).toBe(fingerprints);
    const stored: unknown = await tables.query(
      "SELECT sealed_secrets, settings->'endpoint'->'auth' AS auth FROM subscriptions",
    );
    expect(JSON.stringify(stored)).not.toContain('v1.k1.');
  });

  it('tells which subscriptions no key opens, and leaves them as they are', async () => {
    const other = new SecretBox([{ id: 'k3', key: Buffer.alloc(32, 9) }]);
    const { unreadable, subscriptions } = await rotation(undefined, other).run();
    expect([unreadable.length, subscriptions]).toEqual([SUBSCRIPTIONS, 0]);
    expect((await signing(new SecretBox([current]))).size).toBe(SUBSCRIPTIONS);
  });
});
