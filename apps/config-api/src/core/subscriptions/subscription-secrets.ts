import { type SigningScheme } from '@hookstream/domain';
import { schemeRules } from '@hookstream/signing';
import { type Caller } from '../caller.js';
import { type ConfigStore, type ExpectedVersions } from '../config-store.js';
import { accepted, type Outcome, rejected, type Rejection } from '../outcome.js';
import { DEFAULT_OVERLAP_MS, type RotateSecretRequest } from './signing-fields.js';
import { type SecretSealer, type StoredSecret } from './stored-secret.js';
import { type SubscriptionState } from './subscription-state.js';
import { type WrittenSubscription } from './subscriptions.js';

interface SubscriptionSecretsParts {
  readonly store: Pick<ConfigStore<SubscriptionState>, 'change'>;
  readonly sealer: SecretSealer;
  readonly now: () => Date;
}

/** Each adds a signature to every request. */
const MAX_SECRETS = 10;

/**
 * The signing secrets of subscriptions. Whatever is revoked, the newest of what is left signs and does not expire: a
 * subscription whose scheme needs a secret never goes without.
 */
export class SubscriptionSecrets {
  constructor(private readonly parts: SubscriptionSecretsParts) {}

  /** A new secret; the present ones sign beside it for a while, where the scheme allows several. */
  async rotate(
    caller: Caller,
    id: string,
    { secret, overlap }: RotateSecretRequest,
    expected: ExpectedVersions,
  ): Promise<Outcome<WrittenSubscription>> {
    let made: string | undefined;
    const changed = await this.change(caller, id, expected, (state, nowMs) => {
      const { scheme } = state.settings.signing;
      const { signsWithAll } = schemeRules(scheme);
      const refused =
        refusedSecret(scheme, secret) ??
        (overlap !== undefined && overlap > 0 && !signsWithAll ? oneSignature(scheme) : undefined);
      if (refused) return rejected(refused);
      const [current] = state.sealedSecrets;
      if (secret !== undefined && current && this.isSame(current, secret, state)) {
        return rejected({ kind: 'field', pointer: '/secret', message: 'is the secret that signs already' });
      }
      const fresh = secret === undefined ? this.parts.sealer.generate(scheme, state) : undefined;
      made = fresh?.secret ?? secret;
      const newest = fresh?.stored[0] ?? this.parts.sealer.seal(secret ?? '', scheme, state);
      const untilMs = nowMs + (signsWithAll ? (overlap ?? DEFAULT_OVERLAP_MS) : 0);
      const former = state.sealedSecrets
        .filter((one) => secret === undefined || !this.isSame(one, secret, state))
        .map((one) => ({ ...one, expiresAtMs: Math.min(one.expiresAtMs ?? untilMs, untilMs) }));
      const secrets = [newest, ...former.filter((one) => isInForce(one, nowMs))];
      return secrets.length > MAX_SECRETS ? rejected(TOO_MANY) : accepted(secrets);
    });
    return changed.ok ? accepted({ state: changed.value, ...(made !== undefined && { secret: made }) }) : changed;
  }

  /** One secret in the place of all, at once. */
  set(caller: Caller, id: string, secret: string, expected: ExpectedVersions): Promise<Outcome<SubscriptionState>> {
    return this.change(caller, id, expected, (state) => {
      const { scheme } = state.settings.signing;
      const refused = refusedSecret(scheme, secret);
      if (refused) return rejected(refused);
      const [only, ...others] = state.sealedSecrets;
      const isSet = only !== undefined && others.length === 0 && this.isSame(only, secret, state);
      return accepted(isSet ? state.sealedSecrets : [this.parts.sealer.seal(secret, scheme, state)]);
    });
  }

  /** The one with a fingerprint, else all but the newest, at once. */
  revoke(
    caller: Caller,
    id: string,
    fingerprint: string | undefined,
    expected: ExpectedVersions,
  ): Promise<Outcome<SubscriptionState>> {
    return this.change(caller, id, expected, (state, nowMs) => {
      const { sealedSecrets: present } = state;
      const { scheme } = state.settings.signing;
      const { needsSecret } = schemeRules(scheme);
      const isOnly = present.length === 1 && !needsSecret;
      const revoked = present.filter((one, index) =>
        fingerprint === undefined ? index > 0 || isOnly : one.fingerprint === fingerprint,
      );
      if (fingerprint !== undefined && revoked.length === 0) return rejected(NOT_THERE);
      const [newest, ...former] = present.filter((one) => !revoked.includes(one) && isInForce(one, nowMs));
      if (revoked.length === 0 || (!newest && needsSecret)) return rejected(lastOne(scheme, present.length));
      return accepted(newest ? [{ ...newest, expiresAtMs: null }, ...former] : []);
    });
  }

  private change(
    caller: Caller,
    id: string,
    expected: ExpectedVersions,
    change: (state: SubscriptionState, nowMs: number) => Outcome<readonly StoredSecret[]>,
  ): Promise<Outcome<SubscriptionState>> {
    return this.parts.store.change(caller, id, caller.organization, expected, (state) => {
      const now = this.parts.now();
      const secrets = change(state, now.getTime());
      if (!secrets.ok) return secrets;
      if (secrets.value === state.sealedSecrets) return accepted(state);
      return accepted({ ...state, version: state.version + 1, sealedSecrets: secrets.value, updatedAt: now });
    });
  }

  private isSame(stored: StoredSecret, secret: string, state: SubscriptionState): boolean {
    return this.parts.sealer.isSame(stored, secret, state.settings.signing.scheme, state);
  }
}

function isInForce({ expiresAtMs }: StoredSecret, nowMs: number): boolean {
  return expiresAtMs === null || expiresAtMs > nowMs;
}

function refusedSecret(scheme: SigningScheme, secret: string | undefined): Rejection | undefined {
  const form = schemeRules(scheme).secret;
  if (!form) {
    return { kind: 'conflict', detail: `The subscription's scheme is "${scheme}", which uses no secret.` };
  }
  const parsed = secret === undefined ? undefined : form.parse(secret);
  return parsed?.ok === false ? { kind: 'field', pointer: '/secret', message: parsed.message } : undefined;
}

function oneSignature(scheme: SigningScheme): Rejection {
  const message = `must be left out: the scheme "${scheme}" sends one signature, so the new secret signs alone at once`;
  return { kind: 'field', pointer: '/overlap', message };
}

const TOO_MANY: Rejection = {
  kind: 'conflict',
  detail: `${MAX_SECRETS} secrets sign already, the most there can be. Revoke former ones: DELETE …/secret.`,
};

const NOT_THERE: Rejection = {
  kind: 'parameter',
  parameter: 'fingerprint',
  message: 'is of no secret of this subscription; `signing.secrets` lists them',
};

function lastOne(scheme: SigningScheme, present: number): Rejection {
  if (present === 0) return { kind: 'conflict', detail: 'The subscription has no secret.' };
  return {
    kind: 'conflict',
    detail: `It is the only secret, and nothing is sent unsigned by the scheme "${scheme}". To replace it at once: PUT …/secret, or POST …/rotate-secret with {"overlap":"0s"}. To send nothing: POST …/deactivate.`,
  };
}
