import { describe, expect, it } from '@jest/globals';
import { majorVersion } from './java.js';

describe('majorVersion', () => {
  it.each([
    ['17.0.15', 17],
    ['21', 21],
    ['25-ea', 25],
    ['1.8.0_402', 8],
  ])('reads %s as %i', (version, major) => {
    expect(majorVersion(version)).toBe(major);
  });
});
