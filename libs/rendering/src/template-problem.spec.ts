import { describe, expect, it } from '@jest/globals';
import { templateInput } from './template-input.js';
import { templateProblem } from './template-problem.js';

describe('a template', () => {
  it.each(['data', '{ "a": event.type, "b": data.lines.{ "sku": sku } }', '$uppercase(data.name)'])(
    '%s can be read',
    (text) => expect(templateProblem(text)).toBeUndefined(),
  );

  it.each([
    ['{ "a": ', /^line 1, column \d+: /],
    ['{\n "a": data.b +\n}', /^line 3, column \d+: /],
    ['('.repeat(16_000), /deeply|line 1/],
  ])('%# is refused with its place', (text, message) => expect(templateProblem(text)).toMatch(message));
});

describe('what a template sees', () => {
  const event = {
    id: 'inv-7',
    source: '/billing',
    type: 'invoice.submitted',
    time: '2026-01-02T03:04:05Z',
    extensions: { tenant: 'a' },
    data: Buffer.from('{"n":1.50}'),
  };
  const at = '2026-01-02T03:04:06.000Z';
  const delivery = {
    ...{ id: 'dlv_1', run: '0', attempt: 2, attemptInRun: 2, firstSeenAt: at, firstSentAt: at, sentAt: at },
    previous: { status: 503, error: null },
  };
  const seen = (part: object) => {
    const input = templateInput({ ...event, ...part }, delivery);
    return input.ok ? (JSON.parse(input.text) as unknown) : input.reason;
  };

  it('is the event by its CloudEvents names, its data, and the delivery', () => {
    const { id, source, type, time } = event;
    expect(seen({})).toEqual({ event: { id, source, type, time, tenant: 'a' }, data: { n: 1.5 }, delivery });
    expect(seen({ extensions: { type: 'forged' } })).toMatchObject({ event: { type: 'invoice.submitted' } });
  });

  it.each([
    [{ data: Buffer.alloc(0) }, null],
    [{ contentType: 'text/plain', data: Buffer.from('a"b') }, 'a"b'],
    [{ contentType: 'image/png', data: Buffer.from([255]) }, '/w=='],
  ])('has as data, %j: %j', (part, data) => expect(seen(part)).toMatchObject({ data }));

  it('is not made of data that is not the JSON it says it is', () => {
    expect(seen({ data: Buffer.from('{') })).toBe('invalid-json');
  });
});
