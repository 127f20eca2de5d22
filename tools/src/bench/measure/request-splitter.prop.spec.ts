import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { RequestSplitter } from './request-splitter.js';

function splitAll(chunks: readonly Buffer[]): string[] {
  const bodies: string[] = [];
  const splitter = new RequestSplitter((buffer, start, end) => bodies.push(buffer.toString('latin1', start, end)));
  for (const chunk of chunks) splitter.push(chunk);
  return bodies;
}

function asRequest(body: string, header = 'content-length'): string {
  return `POST /x HTTP/1.1\r\nhost: a\r\n${header}: ${body.length}\r\nx: y\r\n\r\n${body}`;
}

describe('RequestSplitter', () => {
  it('gives back the bodies however the bytes are cut', () => {
    const bodies = fc.array(fc.string({ unit: 'binary-ascii', maxLength: 60 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(bodies, fc.array(fc.integer({ min: 1, max: 90 }), { maxLength: 20 }), (sent, cuts) => {
        const bytes = Buffer.from(sent.map((body) => asRequest(body)).join(''), 'latin1');
        const chunks: Buffer[] = [];
        let at = 0;
        for (const cut of cuts) chunks.push(bytes.subarray(at, (at += cut)));
        chunks.push(bytes.subarray(at));
        expect(splitAll(chunks)).toEqual(sent);
      }),
    );
  });

  it('knows the length in any spelling of its header', () => {
    expect(splitAll([Buffer.from(asRequest('abc', 'Content-Length'))])).toEqual(['abc']);
  });

  it('refuses a request of unknown length', () => {
    expect(() => splitAll([Buffer.from('POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n')])).toThrow(
      'without a Content-Length',
    );
  });
});
