import { describe, expect, it } from '@jest/globals';
import { nearestName } from './nearest-name.js';

const known = ['eventTypes', 'endpoint', 'name', 'organization', 'url'];

describe('nearestName', () => {
  it.each([
    ['evenTypes', 'eventTypes'],
    ['event_types', 'eventTypes'],
    ['EVENTTYPES', 'eventTypes'],
    ['organisation', 'organization'],
    ['uri', 'url'],
  ])('takes %s for %s', (written, meant) => {
    expect(nearestName(written, known)).toBe(meant);
  });

  it.each(['zzz', 'x', 'secret'])('finds nothing near %s', (written) => {
    expect(nearestName(written, known)).toBeUndefined();
  });
});
