import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { renderForm } from './form.js';

function formOf(data: string, contentType?: string): string {
  const event = { id: 'e', source: '/s', type: 'a.b', time: '2022-11-03T20:26:10Z', contentType };
  const result = renderForm({ ...event, data: Buffer.from(data) });
  if (!result.ok) throw new Error(result.detail);
  expect(result.contentType).toBe('application/x-www-form-urlencoded');
  return result.body.toString('utf8');
}

/** Every value with the path to it, `null` and what is empty as nothing. */
function fieldsOf(name: string, value: unknown): [string, string][] {
  if (typeof value === 'string') return [[name, value]];
  if (typeof value !== 'object' || value === null) return [[name, value === null ? '' : JSON.stringify(value)]];
  const members: [string, unknown][] = Object.entries(value);
  if (members.length === 0) return [[name, '']];
  return members.flatMap(([member, inner]) => fieldsOf(`${name}[${member}]`, inner));
}

describe('a form payload', () => {
  it('has a field for every value, and a standard parser reads it', () => {
    const value = fc.jsonValue({ stringUnit: 'grapheme' });
    fc.assert(
      fc.property(value, (given) => {
        const json = JSON.stringify(given).replace(/-0\b/g, '0');
        const fields = [...new URLSearchParams(formOf(json))];
        expect(fields.slice(2)).toEqual(fieldsOf('data', JSON.parse(json)));
      }),
      { numRuns: 1_000 },
    );
  });

  it('looks as documented, numbers with all their digits', () => {
    const body = formOf('{"id":12345678901234567890.10,"lines":[{"sku":"a b"}],"none":null,"tags":[]}');
    expect(decodeURIComponent(body)).toBe(
      'type=a.b&timestamp=2022-11-03T20:26:10Z&data[id]=12345678901234567890.10&data[lines][0][sku]=a+b&data[none]=&data[tags]=',
    );
  });

  it('holds text as it is and other data in base64', () => {
    expect(formOf('a&b', 'text/plain')).toContain('&data=a%26b');
    expect(formOf('a&b', 'image/png')).toContain('&data_base64=YSZi');
    expect(formOf('')).toMatch(/&data=$/);
  });
});
