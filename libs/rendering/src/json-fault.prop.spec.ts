import { isUtf8 } from 'node:buffer';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { findJsonFault } from './json-fault.js';

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The oracle: strict UTF-8, then the language's own parser. */
function parses(bytes: Buffer): boolean {
  try {
    JSON.parse(strictUtf8.decode(bytes));
    return true;
  } catch {
    return false;
  }
}

const agrees = (bytes: Buffer): void => {
  expect({ text: bytes.toString('latin1'), wellFormed: findJsonFault(bytes) === undefined }).toEqual({
    text: bytes.toString('latin1'),
    wellFormed: parses(bytes),
  });
};

const documents = fc.oneof(
  fc.json({ stringUnit: 'binary' }),
  fc
    .tuple(fc.jsonValue(), fc.integer({ min: 0, max: 4 }))
    .map(([value, indent]) => JSON.stringify(value, null, indent)),
);

// Pieces that make grammar errors of every kind likely.
const pieces = fc.constantFrom(
  ...[
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"',
    '\\',
    'u',
    '0',
    '1',
    '-',
    '+',
    '.',
    'e',
    'E',
    ' ',
    '\n',
    '\t',
    '\u0000',
    '\u001f',
  ],
  ...[
    'true',
    'false',
    'null',
    '"a"',
    '"a":',
    '[]',
    '{}',
    '\\u12ab',
    '\\ud83d',
    'ä',
    '😀',
    '\uFEFF',
    '\u2028',
    '1e5',
    '-0',
    '00',
  ],
);

describe('the check agrees with JSON.parse', () => {
  it('on documents', () => {
    fc.assert(
      fc.property(documents, (text) => agrees(Buffer.from(text))),
      { numRuns: 500 },
    );
  });

  it('on documents with bytes changed, removed, inserted or cut off', () => {
    const edit = fc.record({
      at: fc.nat(),
      kind: fc.constantFrom('change', 'remove', 'insert', 'cut'),
      byte: fc.oneof(fc.nat(255), fc.constantFrom(...Buffer.from('{}[]",:\\0-.eE \n'))),
    });
    fc.assert(
      fc.property(documents, fc.array(edit, { minLength: 1, maxLength: 3 }), (text, edits) => {
        let bytes = Buffer.from(text);
        for (const { at, kind, byte } of edits) {
          const index = at % (bytes.length + 1);
          const tail = bytes.subarray(index + (kind === 'insert' ? 0 : 1));
          const middle = kind === 'change' || kind === 'insert' ? [byte] : [];
          bytes = Buffer.concat([
            bytes.subarray(0, index),
            Buffer.from(middle),
            kind === 'cut' ? Buffer.alloc(0) : tail,
          ]);
        }
        agrees(bytes);
      }),
      { numRuns: 3_000 },
    );
  });

  it('on heaps of tokens', () => {
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => agrees(Buffer.from(parts.join('')))),
      { numRuns: 5_000 },
    );
  });

  it('on arbitrary bytes, alone and inside a string', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 24 }), (bytes) => {
        agrees(Buffer.from(bytes));
        agrees(Buffer.concat([Buffer.from('"'), bytes, Buffer.from('"')]));
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('the position of a fault', () => {
  it('lies in the data or at its end, and nothing before it is to blame', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const fault = findJsonFault(Buffer.from(bytes));
        if (fault === undefined) return;
        expect(fault.position).toBeGreaterThanOrEqual(0);
        expect(fault.position).toBeLessThanOrEqual(bytes.length);
        expect(isUtf8(bytes.subarray(0, fault.position))).toBe(true);
      }),
    );
  });
});
