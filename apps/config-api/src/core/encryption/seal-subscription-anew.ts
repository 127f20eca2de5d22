import { mapSealed, type SecretBox, subscriptionSettingsSchema } from '@hookstream/contracts';
import { type SubscriptionState } from '../subscriptions/subscription-state.js';

/**
 * A subscription with all its secrets sealed with the current key: those it signs by, and whatever is called `sealed` in its
 * settings. The very same state where they are already; else a new version, so that readers take it.
 *
 * @throws Error when no key opens one of them
 */
export function sealSubscriptionAnew(box: SecretBox, state: SubscriptionState): SubscriptionState {
  const owner = { organization: state.organization, subscription: state.id };
  const sealedSecrets = state.sealedSecrets.map((one) => ({ ...one, sealed: box.sealAnew(one.sealed, owner) }));
  const settings = mapSealed(state.settings, (sealed) => box.sealAnew(sealed, owner));
  const isCurrent = sealedSecrets.every(({ sealed }, index) => sealed === state.sealedSecrets[index]?.sealed);
  if (isCurrent && settings === state.settings) return state;
  return {
    ...state,
    version: state.version + 1,
    sealedSecrets,
    settings: subscriptionSettingsSchema.parse(settings),
  };
}
