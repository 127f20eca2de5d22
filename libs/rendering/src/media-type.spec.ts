import { describe, expect, it } from '@jest/globals';
import { dataKindOf } from './media-type.js';

describe('the kind of data', () => {
  it.each([
    [undefined, 'json'],
    ['', 'json'],
    ['application/json', 'json'],
    ['Application/JSON; charset=utf-8', 'json'],
    ['application/vnd.acme.invoice+json;v=2', 'json'],
    ['text/json', 'json'],
    ['text/plain', 'text'],
    ['TEXT/HTML ; Charset="UTF-8"', 'text'],
    ['text/csv; header=present', 'text'],
    ['text/plain; charset=us-ascii', 'text'],
    ['text/plain; charset=iso-8859-1', 'binary'],
    ['application/octet-stream', 'binary'],
    ['application/xml', 'binary'],
    ['application/json-seq', 'binary'],
    ['image/png', 'binary'],
    ['nonsense', 'binary'],
  ])('of %j is %s', (contentType, kind) => {
    expect(dataKindOf(contentType)).toBe(kind);
  });
});
