import { describe, expect, it } from '@jest/globals';
import type { EventAttributes, Filter } from '@hookstream/domain';
import { FilterError, FilteredEvent, SubscriptionFilters } from './index.js';

function event(data: unknown, more: Partial<EventAttributes> = {}): FilteredEvent {
  const attributes: EventAttributes = {
    id: 'evt_00000000000000000000000000000001',
    organization: 'org_a',
    type: 'invoice.paid',
    source: '/billing',
    time: '2026-05-01T10:00:00Z',
    subject: 'inv-7',
    extensions: { region: 'eu-west' },
    origin: { topic: 'events', partition: 0, offset: 0 },
    ...more,
  };
  return new FilteredEvent(attributes, Buffer.from(typeof data === 'string' ? data : JSON.stringify(data)));
}

const verdict = (filters: readonly Filter[], on: FilteredEvent) => new SubscriptionFilters(filters).test(on);

describe('SubscriptionFilters', () => {
  it.each<[string, readonly Filter[], boolean]>([
    ['no filter', [], true],
    ['every attribute equal', [{ exact: { type: 'invoice.paid', region: 'eu-west' } }], true],
    ['one attribute different', [{ exact: { type: 'invoice.paid', region: 'us' } }], false],
    ['an attribute the event does not have', [{ exact: { partitionkey: 'x' } }], false],
    ['a name of object members', [{ exact: { constructor: 'x' } }], false],
    ['a prefix', [{ prefix: { source: '/bill' } }], true],
    ['another prefix', [{ prefix: { source: 'bill' } }], false],
    ['a suffix', [{ suffix: { subject: '-7' } }], true],
    ['all of two', [{ all: [{ prefix: { subject: 'inv' } }, { suffix: { subject: '8' } }] }], false],
    ['any of two', [{ any: [{ prefix: { subject: 'inv' } }, { suffix: { subject: '8' } }] }], true],
    ['not', [{ not: { exact: { type: 'invoice.paid' } } }], false],
    ['not of what is absent', [{ not: { exact: { dataschema: 'x' } } }], true],
    ['an expression over data', [{ cel: 'data.amount > 100 && data.customer.country in ["NL", "DE"]' }], true],
    ['an expression over event', [{ cel: 'event.region.startsWith("us") || event.type == "invoice.paid"' }], true],
    ['an expression over a list', [{ cel: 'data.lines.exists(l, l.sku == "b" && l.qty >= 2)' }], true],
    ['a member that is there', [{ cel: 'has(data.customer.country) && !has(data.customer.vat)' }], true],
    ['two filters, one of which fails', [{ exact: { type: 'invoice.paid' } }, { cel: 'data.amount > 1000' }], false],
  ])('decides on %s', (_title, filters, expected) => {
    const data = {
      amount: 120,
      customer: { country: 'NL' },
      lines: [
        { sku: 'a', qty: 1 },
        { sku: 'b', qty: 2 },
      ],
    };
    expect(verdict(filters, event(data))).toBe(expected);
  });

  it('takes what cannot be told for an error, not for a match of its contrary', () => {
    expect(verdict([{ not: { cel: 'data.amount > 1' } }], event({}))).toBeInstanceOf(FilterError);
    expect(verdict([{ cel: 'data.amount' }], event({ amount: 1 }))).toBeInstanceOf(FilterError);
  });

  it('lets what is certain decide, whatever cannot be told', () => {
    const error: Filter = { cel: 'data.amount > 1' };
    const passes: Filter = { exact: { type: 'invoice.paid' } };
    expect(verdict([{ any: [error, passes] }], event({}))).toBe(true);
    expect(verdict([error, { not: passes }], event({}))).toBe(false);
  });

  it('reads data of no JSON type as text, and says so where JSON is not JSON', () => {
    expect(verdict([{ cel: 'data == "plain"' }], event('plain', { dataContentType: 'text/plain' }))).toBe(true);
    expect(verdict([{ cel: 'data == null' }], event(''))).toBe(true);
    expect(verdict([{ cel: 'data == null' }], event('{"a":'))).toEqual(new FilterError('the data is not JSON'));
  });

  it('does not read data that no filter asks for', () => {
    expect(
      verdict([{ cel: 'event.type == "invoice.paid"' }, { exact: { type: 'invoice.paid' } }], event('{"a":')),
    ).toBe(true);
  });

  it.each([
    ['members named like those of objects', '{"constructor":{"name":"x"},"__proto__":1,"$typeName":"a"}', true],
    ['deep nesting', `{"constructor":1,"deep":${'['.repeat(5_000)}${']'.repeat(5_000)}}`, 'nested'],
  ])('is not upset by %s', (_title, data, expected) => {
    const told = verdict([{ cel: 'has(data.constructor) && !has(data.toString)' }], event(data));
    if (typeof expected === 'boolean') expect(told).toBe(expected);
    else expect(told).toMatchObject({ message: expect.stringContaining(expected) });
  });
});

describe('an expression that would run away', () => {
  const letters = 'a'.repeat(200_000);
  it.each<[string, string, unknown]>([
    ['loops in loops', 'data.l.exists(a, data.l.exists(b, data.l.exists(c, a + b + c == -1.0)))', numbers(500)],
    ['a loop whose errors macros pass over', 'data.l.exists(a, data.l.exists(b, b.x == a.y))', numbers(2_000)],
    [
      'comparing what is large again and again',
      'data.l.all(a, data.s != data.t)',
      { ...numbers(5_000), s: letters, t: `${letters}b` },
    ],
    ['comparing lists in a loop', 'data.l.all(a, data.l == data.l.filter(x, true))', numbers(1_000)],
    ['looking for a needle in a loop', 'data.l.exists(a, data.s.contains("b"))', { ...numbers(5_000), s: letters }],
    [
      'a pattern over a long text in a loop',
      'data.l.exists(a, data.s.matches("(a|aa)+$b"))',
      { ...numbers(900), s: letters },
    ],
    ['a list that grows by a loop', 'size(data.l.map(a, a).map(b, b).map(c, c)) == 0', numbers(200_000)],
    ['walking a long list for nothing', 'data.l.exists(a, data.l.exists(b, true) && false)', numbers(200_000)],
    ['concatenating in a loop', 'data.l.map(a, data.l + data.l + data.l).size() == 1', numbers(20_000)],
  ])('is stopped: %s', (_title, cel, data) => {
    const filters = new SubscriptionFilters([{ cel }]);
    const on = event(data);
    on.celData();
    const startedAt = performance.now();
    expect(filters.test(on)).toEqual(new FilterError('the evaluation costs too much'));
    expect(performance.now() - startedAt).toBeLessThan(1_000);
  });

  it('leaves the stack traces of errors elsewhere as they were', () => {
    const limit = Error.stackTraceLimit;
    verdict([{ cel: 'data.l.exists(a, a.x == 1)' }], event(numbers(3)));
    expect(Error.stackTraceLimit).toBe(limit);
  });

  it('comes to the same on every machine: the cost is counted, not timed', () => {
    const under = event({ l: Array.from({ length: 60 }, (_, index) => index) });
    expect(verdict([{ cel: 'data.l.exists(a, data.l.exists(b, a + b == -1.0))' }], under)).toBe(false);
  });

  function numbers(length: number) {
    return { l: Array.from({ length }, (_, index) => index) };
  }
});

describe('expressions of many subscriptions', () => {
  const TOO_MUCH = new FilterError('the expressions of all subscriptions together cost too much for one event');
  const costly = new SubscriptionFilters([{ cel: 'data.l.exists(a, data.l.exists(b, a + b == -1.0))' }]);
  const cheap = new SubscriptionFilters([{ cel: 'data.l.exists(a, a == 7.0)' }]);
  const verdicts = (filters: SubscriptionFilters, on: FilteredEvent, count: number) =>
    Array.from({ length: count }, () => filters.test(on));

  it('are bounded together: of ten thousand that each cost much, some dozens are evaluated and most are not begun', () => {
    const on = event({ l: Array.from({ length: 60 }, (_, index) => index) });
    const all = verdicts(costly, on, 10_000);
    const evaluated = all.filter((each) => each === false).length;
    expect(evaluated).toBeGreaterThan(3);
    expect(evaluated).toBeLessThan(100);
    expect(all.slice(evaluated)).toEqual(Array(10_000 - evaluated).fill(TOO_MUCH));
    expect(on.allowance).toBe(0);
  });

  it('are evaluated as ever where they cost little, whatever the others cost', () => {
    const on = event({ l: [7, ...Array.from({ length: 99 }, (_, index) => index)] });
    verdicts(costly, on, 30);
    expect(costly.test(on)).toEqual(TOO_MUCH);
    expect(new Set(verdicts(cheap, on, 2_000))).toEqual(new Set([true]));
  });

  it('begin anew with each event, and one by one are bounded as ever', () => {
    verdicts(costly, event({ l: [1] }), 5);
    expect(costly.test(event({ l: [1] }))).toBe(false);
  });
});

describe('failure', () => {
  const failure = (filters: readonly Filter[], on: FilteredEvent) => new SubscriptionFilters(filters).failure(on);

  it('is none for an event that passes', () => {
    expect(failure([{ exact: { type: 'invoice.paid' } }], event({}))).toBeUndefined();
  });

  it('names the first attribute that differs, with its value', () => {
    const filters: Filter[] = [
      { all: [{ exact: { type: 'invoice.paid' } }, { prefix: { region: 'us', subject: 'x' } }] },
    ];
    expect(failure(filters, event({}))).toEqual({
      pointer: '/filters/0/all/1/prefix/region',
      clause: 'prefix region "us"',
      values: { region: 'eu-west' },
    });
  });

  it('names the conjunct of an expression that is false, and what it read', () => {
    const filters = [{ cel: 'event.type == "invoice.paid" && data.amount > 100 && data.open' }];
    expect(failure(filters, event({ amount: 50, open: true }))).toEqual({
      pointer: '/filters/0/cel',
      clause: 'data.amount > 100',
      values: { 'data.amount': 50 },
    });
  });

  it('tells the error, and leaves out what is not there', () => {
    expect(failure([{ cel: 'data.amount > 100' }], event({}))).toMatchObject({ values: {}, error: expect.any(String) });
  });

  it('tells all alternatives that failed, and what was not to be', () => {
    const any = failure([{ any: [{ exact: { type: 'x' } }, { exact: { subject: 'y' } }] }], event({}));
    expect(any).toMatchObject({ pointer: '/filters/0/any', values: { type: 'invoice.paid', subject: 'inv-7' } });
    const not = failure([{ not: { exact: { type: 'invoice.paid' } } }], event({}));
    expect(not).toMatchObject({ pointer: '/filters/0/not', clause: 'not {"exact":{"type":"invoice.paid"}}' });
  });

  it('cuts long values', () => {
    const told = failure([{ exact: { subject: 'x' } }], event({}, { subject: 'y'.repeat(5_000) }));
    expect(JSON.stringify(told).length).toBeLessThan(500);
  });
});
