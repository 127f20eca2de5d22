import { describe, expect, it } from '@jest/globals';
import { interpret } from './log-fetcher.js';

const message = (offset: number, isControlRecord = false) => ({
  offset: String(offset),
  key: null,
  value: null,
  timestamp: '0',
  attributes: 0,
  headers: {},
  isControlRecord,
});
const at = (offset: number, atGap = false) => ({ partition: 0, offset, atGap });
const answer = (highWatermark: number, ...messages: ReturnType<typeof message>[]) => ({
  partition: 0,
  highWatermark: String(highWatermark),
  messages,
});

describe('a fetched stretch of a log', () => {
  it('begins at the offset asked for, though the batch begins before', () => {
    const fetched = interpret('t', at(5), answer(9, message(3), message(5), message(8)));
    expect(fetched.records.map(({ offset }) => offset)).toEqual([5, 8]);
    expect(fetched.nextOffset).toBe(9);
  });

  it('moves past control records without handing them over', () => {
    expect(interpret('t', at(5), answer(7, message(5), message(6, true)))).toMatchObject({
      nextOffset: 7,
      records: [{ offset: 5 }],
    });
  });

  it('looks twice before it believes in a gap up to the end', () => {
    const first = interpret('t', at(5), answer(9, message(3)));
    expect(first).toMatchObject({ nextOffset: 5, atGap: true });
    expect(interpret('t', at(5, true), answer(9, message(3)))).toMatchObject({ nextOffset: 9, atGap: false });
  });

  it('waits at the end', () => {
    expect(interpret('t', at(9), answer(9))).toMatchObject({ nextOffset: 9, atGap: false, records: [] });
  });
});
