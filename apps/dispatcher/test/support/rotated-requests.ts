import { type SubscriptionDocument, SecretBox } from '@hookstream/contracts';
import { type OutboundRequest } from '@hookstream/egress';
import { SubscriptionTable } from '@hookstream/engine';
import { aDocument, aDueDelivery } from '@hookstream/testing';
import { buildRequest } from '../../src/core/webhook-request.js';

const HOUR_MS = 3_600_000;
/** What each of the two secrets is. */
export const KEYS = { newest: Buffer.alloc(32, 2), former: Buffer.alloc(32, 1) };
const owner = { organization: 'org_default', subscription: 'sub_1' };

/** A request as it is sent, and what a receiver that holds one secret should find. */
export interface SentRequest {
  readonly window: 'overlap' | 'afterwards';
  readonly holder: 'newest' | 'former';
  readonly secret: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly verifies: boolean;
}

/**
 * Requests of now, in both windows of a rotation, each for a receiver of either secret: sealed, opened and signed as the
 * dispatcher does.
 */
export function rotatedRequests(): readonly SentRequest[] {
  const nowMs = Date.now();
  return (['overlap', 'afterwards'] as const).flatMap((window) => {
    const endsAtMs = window === 'overlap' ? nowMs + HOUR_MS : nowMs;
    const { headers, body } = requestOf('standard-webhooks', [null, endsAtMs], nowMs);
    return (['newest', 'former'] as const).map((holder) => ({
      ...{ window, holder, headers: { ...headers }, body: body.toString() },
      secret: `whsec_${KEYS[holder].toString('base64')}`,
      verifies: holder === 'newest' || window === 'overlap',
    }));
  });
}

export function requestOf(
  scheme: SubscriptionDocument['settings']['signing']['scheme'],
  secretsExpireAtMs: (number | null)[],
  nowMs: number,
  delivery = aDueDelivery().id,
): Pick<OutboundRequest, 'body'> & { readonly headers: Readonly<Record<string, string>> } {
  const box = new SecretBox([{ id: 'k1', key: Buffer.alloc(32, 9) }]);
  const table = new SubscriptionTable(box);
  const sealedSecrets = [KEYS.newest, KEYS.former].map((key) => box.seal(key, owner));
  table.onSubscription(aDocument({ scheme, sealedSecrets, secretsExpireAtMs }));
  const subscription = table.get('sub_1');
  if (subscription?.kind !== 'subscription') throw new Error('the table has no subscription');
  const built = buildRequest(aDueDelivery({ id: delivery }), subscription, 'Hookstream/1', nowMs);
  if (!built.ok) throw new Error(built.detail);
  return built.request;
}
