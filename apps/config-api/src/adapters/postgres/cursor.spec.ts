import { describe, expect, it } from '@jest/globals';
import { decodeCursor, encodeCursor } from './cursor.js';

describe('a cursor', () => {
  it('leads back to where it was made', () =>
    expect(decodeCursor(encodeCursor('9007199254740993'))).toBe('9007199254740993'));

  it.each(['', 'nonsense', Buffer.from('1 OR 1=1').toString('base64url'), Buffer.from('-1').toString('base64url')])(
    'that is none, %j, leads nowhere',
    (cursor) => expect(decodeCursor(cursor)).toBe('0'),
  );
});
