import { describe, expect, it } from '@jest/globals';
import { type DeclaredType, describeViolations, EventSchemas } from './event-schemas.js';

const declared = (given: Partial<DeclaredType>): DeclaredType => ({
  id: 'typ_1',
  organization: null,
  name: 'invoice.paid',
  schema: '{"type":"object"}',
  ...given,
});
const event = { organization: 'org_acme', type: 'invoice.paid' } as const;
const list = Buffer.from('[]');

describe('EventSchemas', () => {
  it('checks nothing that nobody declared', () => {
    const schemas = new EventSchemas();
    expect(schemas.violations(event, list)).toEqual([]);
    schemas.set(declared({ name: 'invoice.*' }));
    expect(schemas.violations(event, list)).toEqual([]);
    schemas.set(declared({ schema: null }));
    expect(schemas.violations(event, list)).toEqual([]);
  });

  it("puts an organization's own declaration before the one for all, and falls back when it is gone", () => {
    const schemas = new EventSchemas();
    schemas.set(declared({}));
    expect(schemas.violations(event, list)).toHaveLength(1);
    schemas.set(declared({ id: 'typ_2', organization: 'org_acme', schema: '{"type":"array"}' }));
    expect(schemas.violations(event, list)).toEqual([]);
    expect(schemas.violations({ ...event, organization: 'org_other' }, list)).toHaveLength(1);
    schemas.delete('typ_2');
    expect(schemas.violations(event, list)).toHaveLength(1);
    schemas.delete('typ_1');
    expect(schemas.violations(event, list)).toEqual([]);
  });

  it('takes the newest schema of a type, also after its name went to another one', () => {
    const schemas = new EventSchemas();
    schemas.set(declared({}));
    expect(schemas.violations(event, list)).toHaveLength(1);
    schemas.set(declared({ schema: '{"type":"array"}' }));
    expect(schemas.violations(event, list)).toEqual([]);
    schemas.set(declared({ id: 'typ_2' }));
    schemas.delete('typ_1');
    expect(schemas.violations(event, list)).toHaveLength(1);
  });

  it('wants JSON where there is a schema', () => {
    const schemas = new EventSchemas();
    schemas.set(declared({}));
    const data = Buffer.from('{}');
    for (const dataContentType of ['application/json', 'application/vnd.x+json; charset=utf-8', 'text/json']) {
      expect(schemas.violations({ ...event, dataContentType }, data)).toEqual([]);
    }
    expect(schemas.violations({ ...event, dataContentType: 'text/xml' }, data)).toHaveLength(1);
  });

  it('keeps what it was declared while more types are used than are kept compiled', () => {
    const schemas = new EventSchemas();
    for (let index = 0; index < 600; index += 1) schemas.set(declared({ id: `typ_${index}`, name: `t.${index}` }));
    for (let index = 0; index < 600; index += 1) {
      expect(schemas.violations({ ...event, type: `t.${index}` }, list)).toHaveLength(1);
    }
  });
});

describe('describeViolations', () => {
  it('names the first ones and counts the rest', () => {
    const many = Array.from({ length: 12 }, (_, index) => ({ pointer: `/${index}`, message: 'must be string' }));
    expect(describeViolations(many, 2)).toBe('/0 must be string; /1 must be string; and 10 more');
    expect(describeViolations([{ pointer: '', message: 'is not JSON' }])).toBe('the data is not JSON');
  });
});
