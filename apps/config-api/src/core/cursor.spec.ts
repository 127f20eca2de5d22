import { describe, expect, it } from '@jest/globals';
import { decodeCursor, encodeCursor, isCursor } from './cursor.js';

describe('a cursor', () => {
  it('leads back to where it was made', () => {
    const cursor = encodeCursor('9007199254740993');
    expect([isCursor(cursor), decodeCursor(cursor)]).toEqual([true, '9007199254740993']);
  });

  it.each(['', 'nonsense', Buffer.from('1 OR 1=1').toString('base64url'), Buffer.from('-1').toString('base64url')])(
    'is not %j',
    (cursor) => expect(isCursor(cursor)).toBe(false),
  );
});
