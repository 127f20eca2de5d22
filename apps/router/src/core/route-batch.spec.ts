import { describe, expect, it } from '@jest/globals';
import { decodeDelivery, DEFAULT_MAPPING, type EndpointState } from '@hookstream/contracts';
import { DEFAULT_ORGANIZATION, deliveryId, eventIdFromOrigin } from '@hookstream/domain';
import { consumed, organizationDocument, plainRecord, subscriptionDocument } from '../../test/support/builders.js';
import { RecordingEffectLog } from '../../test/support/recording-effect-log.js';
import { NOW_MS, routingBench } from '../../test/support/routing-bench.js';

const batchOf = (...values: (string | Buffer | null)[]) => ({
  topic: 'events',
  partition: 0,
  records: values.map((value, offset) => plainRecord(offset, value)),
});

const anEndpointState = (state: Partial<EndpointState>): EndpointState => ({
  subscription: 'sub_sick',
  breaker: 'closed',
  openUntilMs: null,
  openings: 0,
  holdUntilMs: null,
  overflowing: false,
  consecutiveFailures: 0,
  atMs: NOW_MS - 1,
  ...state,
});

const eventAt = (offset: number) => eventIdFromOrigin({ topic: 'events', partition: 0, offset }, 1_700_000_000_000);

describe('BatchRouter', () => {
  it('makes one delivery for each active subscription that matches, with the bytes as they were produced', async () => {
    const { router, table, effects } = routingBench();
    table.onSubscription(subscriptionDocument('a', ['invoice.*'], { version: 7 }));
    table.onSubscription(subscriptionDocument('b', ['**']));
    table.onSubscription(subscriptionDocument('c', ['order.*']));

    await router.route(batchOf('{"type":"invoice.paid","data":{ "n": 1.0 }}'));

    const event = eventAt(0);
    const [first, ...others] = effects.deliveries().sort((x, y) => (x.subscription < y.subscription ? -1 : 1));
    expect(first).toMatchObject({
      id: deliveryId(event, 'sub_a'),
      subscription: 'sub_a',
      organization: DEFAULT_ORGANIZATION,
      configVersion: 7,
      run: '0',
      runStartedAtMs: NOW_MS,
      attemptsInRun: 0,
      attempt: 1,
      firstSeenAtMs: NOW_MS,
      dueAtMs: NOW_MS,
      reason: 'new',
      hops: 0,
      event: { id: event, type: 'invoice.paid' },
    });
    expect(first?.data.toString()).toBe('{ "n": 1.0 }');
    expect(others.map(({ subscription }) => subscription)).toEqual(['sub_b']);
    expect(effects.of('deliveries').map(({ key }) => key)).toEqual(expect.arrayContaining(['sub_a', 'sub_b']));
  });

  it('writes what it decided of all partitions to one partition, and soon to another', async () => {
    let nowMs = NOW_MS;
    const { router, effects } = routingBench({ nowMs: () => nowMs });
    const keys = () => effects.of('routed').map(({ key }) => key);
    await router.route(batchOf('{"type":"a"}'));
    await router.route({ ...batchOf('{"type":"b"}'), partition: 1 });
    expect(new Set(keys()).size).toBe(1);
    nowMs += 1_000;
    await router.route({ ...batchOf('{"type":"c"}'), partition: 2 });
    expect(new Set(keys()).size).toBe(2);
  });

  it('buries an event that violates the schema of its type, for its organization to see, and routes undeclared ones', async () => {
    const { router, table, effects } = routingBench();
    table.onSubscription(subscriptionDocument('a', ['**']));
    table.onEventType({
      kind: 'event-type',
      id: 'typ_1',
      version: 1,
      organization: DEFAULT_ORGANIZATION,
      name: 'invoice.paid',
      schema: '{"properties":{"n":{"type":"number"}}}',
    });

    const tally = await router.route(
      batchOf(
        '{"type":"invoice.paid","data":{"n":"secret"}}',
        '{"type":"invoice.paid","data":{"n":1}}',
        '{"type":"invoice.sent","data":{"n":"x"}}',
      ),
    );

    expect(tally.deadLetters).toEqual({ 'schema-invalid': 1 });
    expect(effects.deliveries().map(({ event }) => event.id)).toEqual([eventAt(1), eventAt(2)]);
    const [letter] = effects.deadLetters();
    expect(letter).toMatchObject({
      reason: 'schema-invalid',
      detail: 'invoice.paid: /n must be number',
      organization: DEFAULT_ORGANIZATION,
      event: eventAt(0),
    });

    table.onDeleted({ kind: 'deleted', id: 'typ_1', version: 2, organization: null, deletedAtMs: 0 });
    await router.route({ ...batchOf('{"type":"invoice.paid","data":{"n":"x"}}'), partition: 1 });
    expect(effects.deadLetters()).toHaveLength(1);
  });

  it('writes deliveries of ordered subscriptions to a topic of their own, in the order of the log, with their key', async () => {
    const { router, table, effects } = routingBench();
    table.onSubscription(
      subscriptionDocument('a', ['**'], {}, { mode: 'fifo', policy: 'block', orderingKey: 'subject' }),
    );

    await router.route(batchOf('{"type":"a.b","subject":"x"}', '{"type":"a.b","subject":"y"}', '{"type":"a.b"}'));

    const ordered = effects.of('deliveries.fifo').map((record) => decodeDelivery(consumed(record)));
    expect(ordered.map(({ order, event }) => [order?.key, event.origin.offset])).toEqual([
      ['x', 0],
      ['y', 1],
      ['', 2],
    ]);
    expect(effects.of('deliveries')).toEqual([]);
  });

  it('writes nothing of an ordered subscription behind what could not be written', async () => {
    const effects = new RecordingEffectLog((record) => (record.topic === 'routed' ? new Error('away') : 'written'));
    const { router, table } = routingBench({ effects });
    table.onSubscription(subscriptionDocument('a', ['**'], {}, { mode: 'fifo', policy: 'block' }));

    const events = Array.from({ length: 2_500 }, (_, n) => `{"type":"a.b","data":${n}}`);
    await expect(router.route(batchOf(...events))).rejects.toThrow('away');

    const written = effects.of('deliveries.fifo').map((record) => decodeDelivery(consumed(record)).event.origin.offset);
    expect(written).toEqual(written.map((_, at) => at));
    expect(written.length).toBeLessThan(2_500);
  });

  it('tells the log what matched, what was skipped as inactive, and what matched nothing', async () => {
    const { router, table, effects } = routingBench();
    table.onSubscription(subscriptionDocument('on', ['a.b']));
    table.onSubscription(subscriptionDocument('off', ['a.b'], { active: false, version: 3 }));

    const tally = await router.route(batchOf('{"type":"a.b"}', '{"type":"c.d"}'));

    expect(effects.of('routed')).toHaveLength(1);
    expect(effects.routed()).toEqual([
      {
        event: expect.objectContaining({ type: 'a.b', id: eventAt(0) }),
        routedAtMs: NOW_MS,
        matched: [{ subscription: 'sub_on', version: 1, delivery: deliveryId(eventAt(0), 'sub_on') }],
        skipped: [{ subscription: 'sub_off', version: 3 }],
        filterErrors: [],
      },
      {
        event: expect.objectContaining({ type: 'c.d' }),
        routedAtMs: NOW_MS,
        matched: [],
        skipped: [],
        filterErrors: [],
      },
    ]);
    expect(tally).toEqual({
      records: 2,
      events: 2,
      matched: 1,
      parked: 0,
      skipped: 1,
      filtered: 0,
      filterErrors: 0,
      unmatched: 1,
      repeats: 0,
      deadLetters: {},
    });
  });

  it.each([
    ['paused', { paused: true }, {}, 'paused'],
    ['open', {}, { breaker: 'open', openUntilMs: NOW_MS + 1 }, 'breaker-open'],
    ['held by Retry-After', {}, { holdUntilMs: NOW_MS + 1 }, 'rate-limit'],
    ['overflowing', {}, { overflowing: true }, 'overflow'],
  ] as const)('parks what is for an endpoint that is %s, and no one else’s', async (_, settings, state, reason) => {
    const { router, table, endpoints, effects } = routingBench();
    table.onSubscription(subscriptionDocument('sick', ['**'], settings));
    table.onSubscription(subscriptionDocument('well', ['**']));
    endpoints.set('sub_sick', anEndpointState(state));

    const tally = await router.route(batchOf('{"type":"a.b"}'));

    const parked = effects.of('parked').map((record) => decodeDelivery(consumed(record)));
    expect(parked).toMatchObject([{ subscription: 'sub_sick', reason, dueAtMs: NOW_MS, hops: 0 }]);
    expect(effects.deliveries()).toMatchObject([{ subscription: 'sub_well', reason: 'new' }]);
    expect(tally).toMatchObject({ matched: 2, parked: 1 });
  });

  it('delivers at once where a breaker’s time is over, or was resumed since it opened', async () => {
    const { router, table, endpoints, effects } = routingBench();
    table.onSubscription(subscriptionDocument('due', ['**']));
    table.onSubscription(subscriptionDocument('resumed', ['**'], { resumedAtMs: NOW_MS }));
    endpoints.set('sub_due', anEndpointState({ breaker: 'open', openUntilMs: NOW_MS }));
    endpoints.set('sub_resumed', anEndpointState({ breaker: 'open', openUntilMs: NOW_MS + 1 }));
    await router.route(batchOf('{"type":"a.b"}'));
    expect(effects.of('parked')).toEqual([]);
    expect(effects.deliveries()).toHaveLength(2);
  });

  it('encodes the attributes once for all deliveries of an event', async () => {
    const { router, table, effects } = routingBench();
    for (const name of ['a', 'b']) table.onSubscription(subscriptionDocument(name, ['**']));
    await router.route(batchOf('{"type":"a.b"}'));
    const [first, second] = effects.of('deliveries');
    expect(first?.headers?.['event']).toBe(second?.headers?.['event']);
    expect(first?.value).toBe(second?.value);
  });

  it('buries what it cannot read, with its raw bytes and the reason, and routes the records around it', async () => {
    const { router, table, effects } = routingBench();
    table.onSubscription(subscriptionDocument('a', ['**']));
    const tally = await router.route(
      batchOf(
        '{"type":"a.b"}',
        'garbage',
        null,
        Buffer.alloc(1_001),
        '{"type":"a.b","organization":"nobody"}',
        '{"type":"c"}',
      ),
    );
    expect(tally).toMatchObject({
      events: 2,
      deadLetters: { undecodable: 1, 'missing-type': 1, oversize: 1, 'unknown-organization': 1 },
    });
    expect(effects.deliveries().map(({ event }) => event.origin.offset)).toEqual([0, 5]);
    expect(effects.deadLetters()[0]).toMatchObject({
      reason: 'undecodable',
      stage: 'router',
      atMs: NOW_MS,
      origin: { topic: 'events', partition: 0, offset: 1 },
      value: Buffer.from('garbage'),
    });
  });

  it('buries a record that it fails at by its own fault, and reports it', async () => {
    const bench = routingBench({
      configuration: {
        match: ({ type }) => {
          if (type === 'bad') throw new TypeError('ours');
          return [];
        },
        filtersOf: () => undefined,
        resolveOrganization: () => undefined,
        mappingOf: () => DEFAULT_MAPPING,
        violations: () => [],
      },
    });
    const tally = await bench.router.route(batchOf('{"type":"bad"}', '{"type":"good"}'));
    expect(tally).toMatchObject({ events: 1, deadLetters: { defect: 1 } });
    expect(bench.defects).toEqual([new TypeError('ours')]);
    expect(bench.effects.deadLetters()[0]?.detail).not.toContain('bad');
  });

  it('stops rather than flush a topic into the dead letters', async () => {
    const { router, effects } = routingBench({
      configuration: {
        match: () => {
          throw new TypeError('ours');
        },
        filtersOf: () => undefined,
        resolveOrganization: () => undefined,
        mappingOf: () => DEFAULT_MAPPING,
        violations: () => [],
      },
    });
    const batch = batchOf(...Array.from({ length: 150 }, () => '{"type":"a"}'));
    await expect(router.route(batch)).rejects.toThrow('in a row');
    await expect(router.route(batch)).rejects.toThrow('in a row');
    expect(effects.deadLetters().length).toBeLessThanOrEqual(100);
  });

  it('finds the organization by its external id', async () => {
    const { router, table, effects } = routingBench();
    table.onOrganization(organizationDocument('acme', 'acme-gmbh'));
    table.onSubscription(subscriptionDocument('a', ['**'], { organization: 'org_acme' }));
    table.onSubscription(subscriptionDocument('other', ['**']));
    await router.route(batchOf('{"type":"a","organization":"acme-gmbh"}'));
    expect(effects.deliveries().map(({ subscription }) => subscription)).toEqual(['sub_a']);
  });
});

describe('BatchRouter: repeats', () => {
  const twice = '{"type":"a.b","id":"e-1"}';

  it('drops a repeat inside one batch and in a later one', async () => {
    const { router, table, effects } = routingBench();
    table.onSubscription(subscriptionDocument('a', ['**']));
    expect(await router.route(batchOf(twice, twice))).toMatchObject({ events: 1, repeats: 1 });
    expect(await router.route(batchOf(twice))).toMatchObject({ events: 0, repeats: 1 });
    expect(effects.deliveries()).toHaveLength(1);
    expect(effects.routed()).toHaveLength(1);
  });

  it('takes nothing for a repeat whose effects were not acknowledged', async () => {
    let fails = true;
    const effects = new RecordingEffectLog((record) =>
      fails && record.topic === 'deliveries' ? new Error('broker away') : 'written',
    );
    const { router, table } = routingBench({ effects });
    table.onSubscription(subscriptionDocument('a', ['**']));
    await expect(router.route(batchOf(twice))).rejects.toThrow('broker away');
    fails = false;
    expect(await router.route(batchOf(twice))).toMatchObject({ events: 1, repeats: 0 });
    expect(effects.deliveries()).toHaveLength(1);
  });

  it('forgets a partition that it has lost', async () => {
    const { router, memories } = routingBench();
    await router.route(batchOf(twice));
    memories.forget([{ topic: 'events', partition: 0 }]);
    expect(await router.route(batchOf(twice))).toMatchObject({ events: 1, repeats: 0 });
  });
});

describe('BatchRouter: effects', () => {
  it('has nothing under way any more when it rejects', async () => {
    const effects = new RecordingEffectLog((_, write) => (write === 0 ? new Error('broker away') : 'written'));
    const { router, table } = routingBench({ effects });
    for (let n = 0; n < 20; n += 1) table.onSubscription(subscriptionDocument(`s${n}`, ['**']));
    await expect(router.route(batchOf('{"type":"a"}'))).rejects.toThrow('broker away');
    expect(effects.inFlight).toBe(0);
    expect(effects.written).toHaveLength(20);
  });

  it('bounds what is under way when an event goes to very many, and splits what the log is told', async () => {
    const { router, table, effects } = routingBench();
    const count = 12_000;
    for (let n = 0; n < count; n += 1) table.onSubscription(subscriptionDocument(`s${n}`, ['**']));
    await router.route(batchOf('{"type":"a"}'));
    expect(effects.deliveries()).toHaveLength(count);
    expect(effects.mostInFlight).toBeLessThanOrEqual(2_000);
    expect(effects.of('routed').length).toBeGreaterThan(1);
    for (const { value } of effects.of('routed')) expect(value?.length).toBeLessThan(900_000);
    expect(effects.routed().flatMap(({ matched }) => matched)).toHaveLength(count);
  });

  it('buries a delivery that its topic finds too large, and only that one', async () => {
    const effects = new RecordingEffectLog((record) =>
      record.topic === 'deliveries' && record.key === 'sub_a' ? 'too-large' : 'written',
    );
    const { router, table } = routingBench({ effects });
    for (const name of ['a', 'b']) table.onSubscription(subscriptionDocument(name, ['**']));
    const tally = await router.route(batchOf('{"type":"a"}'));
    expect(tally.deadLetters).toEqual({ oversize: 1 });
    expect(effects.deliveries().map(({ subscription }) => subscription)).toEqual(['sub_b']);
    expect(effects.deadLetters()).toEqual([
      expect.objectContaining({
        subscription: 'sub_a',
        event: eventAt(0),
        delivery: deliveryId(eventAt(0), 'sub_a'),
        organization: DEFAULT_ORGANIZATION,
      }),
    ]);
  });

  it('keeps the reason of a dead letter that is too large itself', async () => {
    const effects = new RecordingEffectLog((record) => ((record.value?.length ?? 0) > 0 ? 'too-large' : 'written'));
    const { router } = routingBench({ effects });
    await router.route(batchOf('garbage'));
    expect(effects.deadLetters()).toEqual([
      expect.objectContaining({ reason: 'undecodable', value: null, detail: expect.stringContaining('larger') }),
    ]);
  });

  it('keeps the reason of a record whose headers are too large to be kept', async () => {
    const { router, effects } = routingBench();
    const record = { ...plainRecord(0, 'garbage'), headers: { big: Buffer.alloc(300_000) } };
    await router.route({ topic: 'events', partition: 0, records: [record] });
    expect(effects.deadLetters()).toEqual([
      expect.objectContaining({ reason: 'undecodable', headers: [], detail: expect.stringContaining('headers') }),
    ]);
  });
});
