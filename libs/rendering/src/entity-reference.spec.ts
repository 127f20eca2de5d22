import { describe, expect, it } from '@jest/globals';
import { resourceUrlOf, resourceUrlProblem } from './entity-reference.js';

const event = (data: unknown, subject?: string) => ({
  ...{ id: 'ev 1', source: '/billing', type: 'invoice.paid', time: '2026-01-02T03:04:05Z' },
  ...(subject !== undefined && { subject }),
  data: Buffer.from(JSON.stringify(data)),
});

describe('the URL of a resource', () => {
  it.each([
    ['https://api.example/invoices/{{event.subject}}', 'https://api.example/invoices/inv%2F7%3Fa'],
    [
      'https://api.example/{{ data.kind }}/{{data.invoice.id}}?at={{event.time}}',
      'https://api.example/invoices/42?at=2026-01-02T03%3A04%3A05Z',
    ],
    ['https://api.example/fixed', 'https://api.example/fixed'],
    ['https://api.example/{{data.lines.0.id}}', 'https://api.example/l-1'],
  ])('%s is filled by the event, each value within its place', (url, filled) => {
    const said = event({ kind: 'invoices', invoice: { id: 42 }, lines: [{ id: 'l-1' }] }, 'inv/7?a');
    expect(resourceUrlOf(url, said)).toEqual({ ok: true, text: filled });
  });

  it.each([
    ['{{event.subject}}', {}, 'no usable event.subject'],
    ['{{data.id}}', { id: '' }, 'no usable data.id'],
    ['{{data.id}}', { id: 12345678901234567890n.toString() }, undefined],
    ['{{data.id}}', { id: 2 ** 60 }, 'no usable data.id'],
    ['{{data.id}}', { id: { a: 1 } }, 'no usable data.id'],
    ['{{data.constructor}}', {}, 'no usable data.constructor'],
    ['{{data.id}}', { id: '..' }, 'elsewhere'],
    ['{{data.a}}{{data.b}}', { a: '.', b: '.' }, 'elsewhere'],
    ['{{data.id}}', { id: '\ud800' }, 'no usable data.id'],
    ['{{data.id}}', { id: 'x'.repeat(3_000) }, 'too long'],
  ])('%s of %j leads nowhere else', (places, data, detail) => {
    const reference = resourceUrlOf(`https://api.example/invoices/${places}/now`, event(data));
    expect(reference).toMatchObject(
      detail === undefined ? { ok: true } : { ok: false, detail: expect.stringContaining(detail) },
    );
  });

  it.each([
    ['https://api.example/{{subject}}', 'is nothing that can be put in'],
    ['https://{{event.subject}}/x', 'behind the host'],
    ['https://api.example{{event.subject}}', 'behind the host'],
    ['https://api.example/{{event.subject', 'not closed'],
    ['https://api.example/{{data}}', 'is nothing'],
  ])('%s is refused when it is written', (url, problem) => {
    expect(resourceUrlProblem(url)).toContain(problem);
    expect(resourceUrlProblem('https://api.example/{{data.a.b}}?x={{event.id}}')).toBeUndefined();
  });
});
