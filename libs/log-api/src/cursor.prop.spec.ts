import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodeCursor, encodeCursor } from './cursor.js';

const LAST_MS = Date.parse('9999-12-31T23:59:59.999Z');

describe('a cursor', () => {
  it('is read as it was written', () => {
    const id = fc.stringMatching(/^[0-9a-z]{1,64}$/).map((opaque) => `dlv_${opaque}`);
    fc.assert(
      fc.property(fc.nat(LAST_MS), id, (atMs, written) => {
        expect(decodeCursor(encodeCursor({ atMs, id: written }))).toEqual({ atMs, id: written });
      }),
    );
  });

  it('is refused when it was made up', () => {
    fc.assert(fc.property(fc.string(), (text) => expect(decodeCursor(text)).toBeUndefined()));
    const far = encodeCursor({ atMs: LAST_MS + 1, id: 'dlv_1' });
    expect(decodeCursor(far)).toBeUndefined();
    expect(decodeCursor(`${encodeCursor({ atMs: 1, id: 'dlv_1' })}=`)).toBeUndefined();
    expect(decodeCursor(encodeCursor({ atMs: 1, id: "dlv_1' OR 1=1" }))).toBeUndefined();
  });
});
