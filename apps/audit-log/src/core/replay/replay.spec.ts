import { describe, expect, it } from '@jest/globals';
import { decodeDelivery, encodeDelivery, type Delivery } from '@hookstream/contracts';
import { aDocument, asRead } from '@hookstream/testing';
import type { Caller } from '../access/caller.js';
import type { LogRows } from '../ingest/log-rows.js';
import type { LoggedDelivery, LoggedEvent } from '../read/log-reader.js';
import { ConfiguredSubscriptions } from '../configured-subscriptions.js';
import { Replay } from './replay.js';

const NOW_MS = Date.parse('2026-01-01T12:00:00Z');
const ADMIN: Caller = { organization: null, mayReplay: true };
const SUBSCRIPTION = aDocument().id;

const delivered: LoggedDelivery = {
  id: 'dlv_1',
  event: { id: 'evt_1', externalId: 'inv-1', type: 'a.b', time: '2026-01-01T00:00:00Z', subject: null },
  organization: 'org_default',
  subscription: SUBSCRIPTION,
  ...{ run: '0', state: 'delivered', reason: null, attempts: 2, nextAttemptAt: null },
  createdAt: new Date(5_000),
  completedAt: new Date(6_000),
  runStartedAt: null,
  earlierRuns: [],
};
const event: LoggedEvent = {
  ...{ id: 'evt_1', organization: 'org_default', type: 'a.b', source: '/s', subject: null, externalId: 'inv-1' },
  ...{ time: '2026-01-01T00:00:00Z', contentType: 'application/json', dataSchema: null, extensions: { level: '5' } },
  origin: { topic: 't', partition: 0, offset: 7 },
  receivedAt: new Date(5_000),
};

function aReplay(options: { readonly delivery?: Partial<LoggedDelivery>; readonly isExpired?: boolean } = {}) {
  const published: Delivery[] = [];
  const written: LogRows[] = [];
  const subscriptions = new ConfiguredSubscriptions();
  subscriptions.onSubscription(aDocument());
  const known = { ...delivered, ...options.delivery };
  const replay = new Replay({
    log: {
      delivery: (id) => Promise.resolve(id === known.id ? known : undefined),
      event: () => Promise.resolve(options.isExpired ? undefined : { event, payload: Buffer.from('{"n":1.0}') }),
    },
    subscriptions,
    publish: (delivery) => Promise.resolve(void published.push(delivery)),
    store: {
      write: (rows) => {
        expect(published).toHaveLength(1);
        return Promise.resolve(void written.push(rows));
      },
    },
    nowMs: () => NOW_MS,
  });
  return { replay, published, written, subscriptions };
}

describe('a replay', () => {
  it('is a new run of the same delivery: the same bytes and id, attempts numbered on, due now', async () => {
    const { replay, published, written } = aReplay();
    const answer = await replay.begin(ADMIN, 'dlv_1');
    if (answer.kind !== 'begun') throw new Error(answer.kind);
    const [record] = published.map((delivery) => decodeDelivery(asRead(encodeDelivery('deliveries', delivery))));
    expect(record).toMatchObject({
      ...{ id: 'dlv_1', subscription: SUBSCRIPTION, run: answer.run, reason: 'replay', data: Buffer.from('{"n":1.0}') },
      ...{ attempt: 3, attemptsInRun: 0, hops: 0, dueAtMs: NOW_MS, runStartedAtMs: NOW_MS, firstSeenAtMs: 5_000 },
      configVersion: aDocument().version,
      event: { id: 'evt_1', externalId: 'inv-1', extensions: { level: '5' }, origin: { offset: 7 } },
    });
    expect(written.map(({ deliveries }) => deliveries)).toMatchObject([
      [{ id: 'dlv_1', attempts: 2, createdAtMs: 5_000, standing: { run: answer.run, state: 'pending' } }],
    ]);
  });

  it('does not begin before the activation of its subscription, though our clock may be behind', async () => {
    const { replay, published, subscriptions } = aReplay();
    subscriptions.onSubscription({ ...aDocument(), version: 9, activatedAtMs: NOW_MS + 300 });
    await replay.begin(ADMIN, 'dlv_1');
    expect(published).toMatchObject([{ runStartedAtMs: NOW_MS + 300, configVersion: 9 }]);
  });

  it('of an ordered delivery stands in its queue', async () => {
    const { replay, published, subscriptions } = aReplay();
    const ordering = { mode: 'fifo', policy: 'block' } as const;
    const document = aDocument();
    subscriptions.onSubscription({ ...document, settings: { ...document.settings, ordering } });
    await replay.begin(ADMIN, 'dlv_1');
    expect(published).toMatchObject([{ order: { key: '' } }]);
  });

  it('is begun once for one idempotency key', async () => {
    const first = aReplay();
    const answer = await first.replay.begin(ADMIN, 'dlv_1', 'once');
    if (answer.kind !== 'begun') throw new Error(answer.kind);
    const again = aReplay({ delivery: { run: answer.run } });
    expect(await again.replay.begin(ADMIN, 'dlv_1', 'once')).toEqual(answer);
    expect(again.published).toEqual([]);
    expect(await aReplay().replay.begin(ADMIN, 'dlv_1', 'twice')).not.toEqual(answer);
  });

  it('is refused where nothing would be sent', async () => {
    const inactive = aReplay();
    inactive.subscriptions.onSubscription(aDocument({ active: false }));
    expect(await inactive.replay.begin(ADMIN, 'dlv_1')).toMatchObject({ kind: 'conflict' });
    const deleted = aReplay();
    deleted.subscriptions.onDeleted({ id: SUBSCRIPTION });
    expect(await deleted.replay.begin(ADMIN, 'dlv_1')).toMatchObject({ kind: 'conflict' });
    const expired = aReplay({ isExpired: true });
    expect(await expired.replay.begin(ADMIN, 'dlv_1')).toMatchObject({ kind: 'conflict' });
    expect([inactive, deleted, expired].flatMap(({ published, written }) => [...published, ...written])).toEqual([]);
  });

  it('is not there for another organization', async () => {
    const { replay, published } = aReplay();
    const stranger: Caller = { organization: 'org_other', mayReplay: true };
    expect(await replay.begin(stranger, 'dlv_1')).toEqual({ kind: 'not-found' });
    expect(await replay.begin(ADMIN, 'dlv_2')).toEqual({ kind: 'not-found' });
    expect(await replay.begin(ADMIN, 'nonsense')).toEqual({ kind: 'not-found' });
    expect(published).toEqual([]);
  });
});
