import { describe, expect, it } from '@jest/globals';
import { decodeHeaderValue } from './cloud-event-header.js';

describe('decodeHeaderValue', () => {
  // The examples of the CloudEvents HTTP protocol binding 1.0.2 §3.1.3.2 and what surrounds them.
  it.each([
    ['Euro%20%E2%82%AC%20%F0%9F%98%80', 'Euro € 😀'],
    ['"quoted \\"text\\" %41"', 'quoted "text" A'],
    ['100% sure', '100% sure'],
    ['%2541', '%41'],
    ['plain', 'plain'],
    ['"', '"'],
    ['', ''],
  ])('%j stands for %j', (value, text) => expect(decodeHeaderValue(value).toString()).toBe(text));

  it('keeps bytes that are not UTF-8, for the decoder to refuse', () => {
    expect([...decodeHeaderValue('%FF')]).toEqual([0xff]);
  });
});
