import { describe, expect, it } from '@jest/globals';
import { PoisonRecord } from '@hookstream/domain';
import { decodeConfigDocument, encodeConfigDocument, type ConfigDocument } from './config-documents.js';
import { parseEncryptionKeys, SecretBox } from './sealed-secret.js';

const base64 = (byte: number) => Buffer.alloc(32, byte).toString('base64');
const owner = { organization: 'org_a', subscription: 'sub_a' };
const secret = Buffer.from('a signing secret');

describe('SecretBox', () => {
  const box = new SecretBox(parseEncryptionKeys(`k1:${base64(1)}`));

  it('opens what it sealed, and shows nothing of it meanwhile', () => {
    const sealed = box.seal(secret, owner);
    expect(sealed).toMatch(/^v1\.k1\./);
    expect(Buffer.from(sealed.split('.')[2] ?? '', 'base64url').includes(secret)).toBe(false);
    expect(box.open(sealed, owner)).toEqual(secret);
  });

  it('does not open a secret for another subscription', () => {
    const sealed = box.seal(secret, owner);
    expect(() => box.open(sealed, { ...owner, subscription: 'sub_b' })).toThrow();
  });

  it('opens with a former key and seals with the current one', () => {
    const rotated = new SecretBox(parseEncryptionKeys(`k2:${base64(2)},k1:${base64(1)}`));
    expect(rotated.open(box.seal(secret, owner), owner)).toEqual(secret);
    expect(rotated.seal(secret, owner)).toMatch(/^v1\.k2\./);
  });

  it('fails closed without the key, and names it', () => {
    const other = new SecretBox(parseEncryptionKeys(`k9:${base64(9)}`));
    expect(() => other.open(box.seal(secret, owner), owner)).toThrow('"k1"');
  });

  it.each(['', 'k1', 'k1:short', `:${base64(1)}`, `k1:${base64(1)},`])(
    'refuses the setting "%s" without repeating it',
    (text) => {
      expect(() => parseEncryptionKeys(text)).toThrow(/entry \d must be "<id>:<base64 of 32 bytes>"/);
    },
  );
});

describe('a config document', () => {
  const document: ConfigDocument = {
    kind: 'subscription',
    id: 'sub_a',
    version: 3,
    organization: 'org_a',
    name: 'billing',
    active: true,
    activatedAtMs: 5,
    paused: true,
    resumedAtMs: 4,
    settings: {
      eventTypes: ['invoice.*'],
      endpoint: {
        url: 'https://a.example/',
        method: 'POST',
        headers: {},
        timeoutMs: 15_000,
        successStatuses: ['2xx', 304],
      },
      payload: { format: 'json' },
      signing: { scheme: 'standard-webhooks' },
      retry: { scheduleMs: [5_000], jitter: 0.2, maxAgeMs: 3_600_000, nonRetryableStatuses: [] },
      rateLimit: { concurrency: 64 },
      onFailure: { deactivateOnGone: true },
    },
    sealedSecrets: ['v1.k1.x'],
  };
  const asRead = (value: Buffer | null, key = 'sub_a') => ({
    topic: 'config',
    partition: 0,
    offset: 0,
    timestamp: 0,
    key: Buffer.from(key),
    value,
    headers: {},
  });

  it('is keyed by its id and read as it was written', () => {
    const record = encodeConfigDocument('config', document);
    expect(record.key).toBe('sub_a');
    expect(decodeConfigDocument(asRead(record.value))).toEqual(document);
  });

  it('is null for a tombstone', () => {
    expect(decodeConfigDocument(asRead(null))).toBeNull();
  });

  it.each([
    ['another key', asRead(encodeConfigDocument('config', document).value, 'sub_b')],
    ['no JSON', asRead(Buffer.from('x'))],
    ['an unknown kind', asRead(Buffer.from('{"kind":"x","id":"sub_a","version":1}'))],
  ])('is poison with %s', (_, record) => {
    expect(() => decodeConfigDocument(record)).toThrow(PoisonRecord);
  });
});
