import { beforeEach, describe, expect, it } from '@jest/globals';
import { SecretBox } from '@hookstream/contracts';
import { type SigningScheme } from '@hookstream/domain';
import { type Caller } from '../caller.js';
import { type ConfigStore } from '../config-store.js';
import { accepted } from '../outcome.js';
import { type RotateSecretRequest } from './signing-fields.js';
import { SecretSealer } from './stored-secret.js';
import { newSubscription, type SubscriptionState } from './subscription-state.js';
import { subscriptionRequest } from './subscription-request.js';
import { SubscriptionSecrets } from './subscription-secrets.js';

const HOUR_MS = 3_600_000;
const START_MS = Date.parse('2026-01-01T00:00:00Z');
const caller: Caller = {
  key: 'key_1',
  role: 'admin',
  address: null,
  requestId: null,
  organization: null,
  grants: [],
};
const owner = { id: 'sub_1', organization: 'org_default' } as const;
const box = new SecretBox([{ id: 'k1', key: Buffer.alloc(32, 1) }]);
const sealer = new SecretSealer(box);
const given = (byte: number) => `whsec_${Buffer.alloc(32, byte).toString('base64')}`;

let nowMs: number;
let state: SubscriptionState;

/** One subscription; every id finds it. */
const store: Pick<ConfigStore<SubscriptionState>, 'change'> = {
  change: (_by, _id, _scope, _expected, change) => {
    const next = change(state);
    if (next.ok) state = next.value;
    return Promise.resolve(next.ok ? accepted(state) : next);
  },
};
const secrets = new SubscriptionSecrets({ store, sealer, now: () => new Date(nowMs) });
const rotate = (request: RotateSecretRequest = {}) => secrets.rotate(caller, 'sub_1', request, undefined);
const revoke = (fingerprint?: string) => secrets.revoke(caller, 'sub_1', fingerprint, undefined);
const set = (secret: string) => secrets.set(caller, 'sub_1', secret, undefined);
const made = (scheme: SigningScheme) => {
  const request = subscriptionRequest.parse({ endpoint: { url: 'https://a.example' } });
  const stored = scheme === 'none' || scheme === 'md5' ? [] : sealer.generate(scheme, owner).stored;
  const settled = {
    ...owner,
    sealedSecrets: stored,
    sealedEndpoint: {},
    startInactive: false,
    now: new Date(START_MS),
  };
  const subscription = newSubscription(request, settled);
  return { ...subscription, settings: { ...subscription.settings, signing: { scheme } } };
};
/** Hours from the start at which each secret ends; `null`: it does not. */
const ends = () =>
  state.sealedSecrets.map(({ expiresAtMs }) => (expiresAtMs === null ? null : (expiresAtMs - START_MS) / HOUR_MS));
const keyOf = (sealed = '') => box.open(sealed, { organization: 'org_default', subscription: 'sub_1' });

beforeEach(() => {
  nowMs = START_MS;
  state = made('standard-webhooks');
});

describe('rotating a secret', () => {
  it('puts a new one before the present one, which signs for another day', async () => {
    const [former] = state.sealedSecrets;
    const rotated = await rotate();
    expect(rotated).toMatchObject({ ok: true, value: { secret: expect.stringMatching(/^whsec_/) } });
    expect(ends()).toEqual([null, 24]);
    expect(state.sealedSecrets[1]).toMatchObject({ sealed: former?.sealed });
    expect(state.version).toBe(2);
    const [newest] = state.sealedSecrets;
    const secret = rotated.ok ? rotated.value.secret : '';
    expect(`whsec_${keyOf(newest?.sealed).toString('base64')}`).toBe(secret);
  });

  it('lets no former secret sign longer than this overlap says, and forgets those that ended', async () => {
    await rotate();
    nowMs += HOUR_MS;
    await rotate({ overlap: 2 * HOUR_MS });
    expect(ends()).toEqual([null, 3, 3]);
    nowMs += 3 * HOUR_MS;
    await rotate({ overlap: 48 * HOUR_MS });
    expect(ends()).toEqual([null, 52]);
    await rotate({ overlap: 0 });
    expect(ends()).toEqual([null]);
  });

  it('takes a secret that is given, also a former one back, but not the one that signs', async () => {
    await set(given(1));
    await rotate({ secret: given(2) });
    expect(await rotate({ secret: given(2) })).toMatchObject({ ok: false, rejection: { pointer: '/secret' } });
    await rotate({ secret: given(1) });
    expect(state.sealedSecrets.map(({ sealed }) => keyOf(sealed)[0])).toEqual([1, 2]);
    expect(await rotate({ secret: 'text' })).toMatchObject({ ok: false, rejection: { pointer: '/secret' } });
  });

  it('stops at ten signatures on one request', async () => {
    for (let count = 1; count < 10; count += 1) expect(await rotate()).toMatchObject({ ok: true });
    expect(await rotate()).toMatchObject({ ok: false, rejection: { kind: 'conflict' } });
    expect(state.sealedSecrets).toHaveLength(10);
  });

  it('takes effect at once where a request has room for one signature', async () => {
    state = made('github');
    expect(await rotate({ overlap: HOUR_MS })).toMatchObject({ ok: false, rejection: { pointer: '/overlap' } });
    expect(await rotate({ secret: 'any text' })).toMatchObject({ ok: true, value: { secret: 'any text' } });
    expect(state.sealedSecrets).toHaveLength(1);
    expect(keyOf(state.sealedSecrets[0]?.sealed).toString()).toBe('any text');
  });

  it('is refused where nothing is signed', async () => {
    state = made('none');
    expect(await rotate()).toMatchObject({ ok: false, rejection: { kind: 'conflict' } });
  });
});

describe('setting a secret', () => {
  it('lets it sign alone at once, and changes nothing the second time', async () => {
    await rotate();
    await set(given(3));
    expect(ends()).toEqual([null]);
    const { version } = state;
    await set(given(3));
    expect(state.version).toBe(version);
  });
});

describe('revoking secrets', () => {
  it('ends all but the newest', async () => {
    await rotate();
    await rotate();
    const [newest] = state.sealedSecrets;
    expect(await revoke()).toMatchObject({ ok: true });
    expect(state.sealedSecrets).toEqual([newest]);
  });

  it('ends the one that is named; what is newest then signs without an end', async () => {
    await rotate();
    const [newest, former] = state.sealedSecrets;
    expect(await revoke(newest?.fingerprint)).toMatchObject({ ok: true });
    expect(state.sealedSecrets).toEqual([{ ...former, expiresAtMs: null }]);
    expect(await revoke('sha256:0')).toMatchObject({ ok: false, rejection: { parameter: 'fingerprint' } });
  });

  it('refuses to leave a subscription unsigned, also where the former secret has ended', async () => {
    expect(await revoke()).toMatchObject({ ok: false, rejection: { kind: 'conflict' } });
    const [only] = state.sealedSecrets;
    expect(await revoke(only?.fingerprint)).toMatchObject({ ok: false, rejection: { kind: 'conflict' } });
    await rotate({ overlap: HOUR_MS });
    nowMs += HOUR_MS;
    const [newest] = state.sealedSecrets;
    expect(await revoke(newest?.fingerprint)).toMatchObject({ ok: false, rejection: { kind: 'conflict' } });
  });

  it('takes the secret from a scheme that can do without', async () => {
    state = made('md5');
    await rotate({ secret: 'pepper' });
    expect(await revoke()).toMatchObject({ ok: true });
    expect(state.sealedSecrets).toEqual([]);
    expect(await revoke()).toMatchObject({ ok: false, rejection: { kind: 'conflict' } });
  });
});

describe('the secrets that a request leaves', () => {
  const left = (scheme: SigningScheme, secret?: string) => {
    const present = { scheme: state.settings.signing.scheme, stored: state.sealedSecrets };
    return sealer.forRequest({ scheme, ...(secret !== undefined && { secret }) }, owner, present);
  };

  it('are the present ones, a rotation under way included, unless another is given', async () => {
    await set(given(1));
    await rotate({ secret: given(2) });
    expect(left('standard-webhooks').stored).toBe(state.sealedSecrets);
    expect(left('standard-webhooks', given(2)).stored).toBe(state.sealedSecrets);
    expect(left('standard-webhooks', given(1)).stored).toHaveLength(1);
  });

  it('are new ones where the scheme takes others, and none where it takes none', () => {
    expect(left('standard-webhooks-v1a')).toMatchObject({
      secret: expect.stringMatching(/^whsk_/),
      stored: [{ publicKey: expect.stringMatching(/^whpk_/) }],
    });
    expect(left('none')).toEqual({ stored: [] });
    state = made('github');
    expect(left('md5')).toEqual({ stored: [] });
    expect(left('md5', 'pepper').stored).toHaveLength(1);
    expect(left('messenger').stored).toBe(state.sealedSecrets);
  });

  it('are told apart by fingerprints that do not help to guess a text', () => {
    const [text] = left('github', 'hunter2').stored;
    expect(text?.fingerprint).toMatch(/^keyed:[0-9a-f]{16}$/);
    expect(left('github', 'hunter2').stored[0]?.fingerprint).toBe(text?.fingerprint);
    expect(sealer.seal('hunter2', 'github', { ...owner, id: 'sub_2' }).fingerprint).not.toBe(text?.fingerprint);
    expect(left('standard-webhooks', given(1)).stored[0]?.fingerprint).toMatch(/^sha256:[0-9a-f]{16}$/);
  });
});
