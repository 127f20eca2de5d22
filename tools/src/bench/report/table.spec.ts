import { describe, expect, it } from '@jest/globals';
import { figure, table } from './table.js';

describe('table', () => {
  it('sets names to the left and figures to the right, short rows included', () => {
    expect(
      table([
        ['', 'a', 'memory'],
        ['kafka', '12.5', '300'],
        ['sum', '9'],
      ]),
    ).toEqual(['          a  memory', 'kafka  12.5     300', 'sum       9']);
  });

  it('has no lines without rows', () => {
    expect(table([])).toEqual([]);
  });
});

describe('figure', () => {
  it.each([
    [12_345.6, '12,346'],
    [12.34, '12.3'],
    [0.08642, '0.086'],
    [NaN, '–'],
    [undefined, '–'],
  ])('writes %p as %s', (value, text) => {
    expect(figure(value)).toBe(text);
  });
});
