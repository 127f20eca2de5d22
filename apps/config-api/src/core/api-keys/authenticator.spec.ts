import { describe, expect, it } from '@jest/globals';
import { formatApiKey, hashApiKey } from './api-key-secret.js';
import { type ApiKeyDirectory, Authenticator, type KnownApiKey } from './authenticator.js';
import { RememberingUnknownKeys } from './unknown-keys.js';

const key = formatApiKey(Buffer.alloc(32, 1));
const known: KnownApiKey = {
  id: 'key_1',
  organization: 'org_1',
  role: 'admin',
  grants: [],
  hash: hashApiKey(key),
  expiresAtMs: 1_000,
};

class Directory implements ApiKeyDirectory {
  asked = 0;
  constructor(private readonly keys: readonly KnownApiKey[]) {}

  find(hash: string): KnownApiKey | undefined {
    this.asked += 1;
    return this.keys.find((candidate) => candidate.hash === hash);
  }
}

function authenticator(nowMs = 0, ...directories: ApiKeyDirectory[]): Authenticator {
  return new Authenticator(directories, () => nowMs);
}

describe('Authenticator', () => {
  it('tells whose a key is', async () => {
    const caller = { key: 'key_1', organization: 'org_1', role: 'admin', grants: [] };
    for (const header of [`Bearer ${key}`, `bearer  ${key} `]) {
      expect(await authenticator(0, new Directory([known])).authenticate(header)).toEqual({ ok: true, caller });
    }
  });

  it.each([
    [undefined, 'No API key was sent'],
    ['', 'not of the form'],
    ['Basic abc', 'not of the form'],
    ['Bearer', 'not of the form'],
    ['Bearer abc', 'begin with "hsk_"'],
    [`Bearer ${formatApiKey(Buffer.alloc(32, 2))}`, 'not known'],
  ])('refuses %j with a remedy', async (header, detail) => {
    const refused = await authenticator(0, new Directory([known])).authenticate(header);
    expect(refused).toEqual({ ok: false, detail: expect.stringContaining(detail) });
  });

  it('refuses a key from the moment it expires', async () => {
    expect(await authenticator(999, new Directory([known])).authenticate(`Bearer ${key}`)).toMatchObject({ ok: true });
    expect(await authenticator(1_000, new Directory([known])).authenticate(`Bearer ${key}`)).toMatchObject({
      ok: false,
    });
  });

  it('asks the next directory only where the first knows nothing', async () => {
    const [first, second] = [new Directory([known]), new Directory([known])];
    await authenticator(0, first, second).authenticate(`Bearer ${key}`);
    expect(second.asked).toBe(0);
    expect(await authenticator(0, new Directory([]), second).authenticate(`Bearer ${key}`)).toMatchObject({ ok: true });
  });

  it('never repeats the key it refuses', async () => {
    const refused = await authenticator(0, new Directory([])).authenticate(`Bearer ${key}`);
    expect(JSON.stringify(refused)).not.toContain(key);
  });
});

describe('RememberingUnknownKeys', () => {
  it('asks once in a while for a key that is unknown, and always for one that is known', async () => {
    let nowMs = 0;
    const directory = new Directory([known]);
    const remembering = new RememberingUnknownKeys(directory, () => nowMs, 100);
    for (let times = 0; times < 3; times += 1) expect(await remembering.find('no such')).toBeUndefined();
    expect(directory.asked).toBe(1);
    nowMs = 101;
    await remembering.find('no such');
    await remembering.find(known.hash);
    await remembering.find(known.hash);
    expect(directory.asked).toBe(4);
  });
});
