import { describe, expect, it } from '@jest/globals';
import { consumedRecord, recordHeaders } from './consumed-record.js';

const at = (name: string, value: unknown) => Object.fromEntries([[name, value]]) as Record<string, Buffer>;

describe('the headers of a consumed record', () => {
  it.each(['__proto__', 'constructor', 'toString', ''])('keeps a header named %p like any other', (name) => {
    const headers = recordHeaders(at(name, Buffer.from('x')));
    expect(Object.keys(headers)).toEqual([name]);
    expect(headers[name]).toEqual(Buffer.from('x'));
  });

  it('keeps all values of a name in order', () => {
    expect(recordHeaders({ a: [Buffer.from('1'), '2'] })['a']).toEqual([Buffer.from('1'), Buffer.from('2')]);
  });

  it('leaves out a header without a value', () => {
    expect(Object.keys(recordHeaders(at('empty', null)))).toEqual([]);
  });

  it('takes a message of the oldest format, which has no headers', () => {
    const message = { key: null, value: null, timestamp: '5', attributes: 0, offset: '9007199254740991', size: 1 };
    expect(consumedRecord('t', 3, message)).toMatchObject({
      partition: 3,
      offset: 9007199254740991,
      timestamp: 5,
      headers: {},
    });
  });
});
