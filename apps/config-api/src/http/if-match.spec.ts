import { describe, expect, it } from '@jest/globals';
import { entityTag, expectedVersions } from './if-match.js';

describe('If-Match', () => {
  it.each([
    [undefined, undefined],
    ['*', undefined],
    ['"3"', [3]],
    ['"3", "4"', [3, 4]],
    ['W/"3"', []],
    ['"of-another-kind"', []],
  ])('%j lets pass %j', (header, versions) => expect(expectedVersions(header)).toEqual(versions));

  it.each(['3', '', 'abc', '"3", 4'])('%j is a mistake the caller is told of', (header) => {
    expect(() => expectedVersions(header)).toThrow(/If-Match/);
  });

  it('takes what ETag gave', () => expect(expectedVersions(entityTag(7))).toEqual([7]));
});
