import { type SecretBox, type SecretOwner, subscriptionSettingsSchema } from '@hookstream/contracts';
import { type SubscriptionState } from '../subscriptions/subscription-state.js';

/** Of the settings: members whose names tenants choose. Nothing in them is sealed, whatever it looks like. */
const OF_TENANTS: ReadonlySet<string> = new Set(['headers', 'filters']);
const SEALED = 'sealed';

/**
 * A subscription with all its secrets sealed with the current key: those it signs by, and whatever is called `sealed` in its
 * settings. The very same state where they are already; else a new version, so that readers take it.
 *
 * @throws Error when no key opens one of them
 */
export function sealSubscriptionAnew(box: SecretBox, state: SubscriptionState): SubscriptionState {
  const owner = { organization: state.organization, subscription: state.id };
  const sealedSecrets = state.sealedSecrets.map((one) => ({ ...one, sealed: box.sealAnew(one.sealed, owner) }));
  const settings = sealedAnew(box, state.settings, owner);
  const isCurrent = sealedSecrets.every(({ sealed }, index) => sealed === state.sealedSecrets[index]?.sealed);
  if (isCurrent && settings === state.settings) return state;
  return {
    ...state,
    version: state.version + 1,
    sealedSecrets,
    settings: subscriptionSettingsSchema.parse(settings),
  };
}

/** The very same value where nothing in it has to be sealed anew. */
function sealedAnew(box: SecretBox, value: unknown, owner: SecretOwner): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    const items: unknown[] = value.map((item: unknown) => sealedAnew(box, item, owner));
    return items.some((item, index) => item !== value[index]) ? items : value;
  }
  const members = Object.entries(value).map(([name, member]: [string, unknown]) => {
    if (OF_TENANTS.has(name)) return { name, member, next: member };
    const isSealed = name === SEALED && typeof member === 'string';
    return { name, member, next: isSealed ? box.sealAnew(member, owner) : sealedAnew(box, member, owner) };
  });
  if (members.every(({ member, next }) => member === next)) return value;
  return Object.fromEntries(members.map(({ name, next }) => [name, next]));
}
