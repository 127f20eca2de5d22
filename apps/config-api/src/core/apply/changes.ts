import { type EventTypeState } from '../event-types/event-type-state.js';
import { becameActive, type SubscriptionState } from '../subscriptions/subscription-state.js';

/** What is to become of one thing. */
export type Change<State> =
  | { readonly action: 'create'; readonly before?: undefined; readonly after: State }
  | { readonly action: 'update'; readonly before: State; readonly after: State }
  | { readonly action: 'delete'; readonly before: State; readonly after?: undefined };

/** All of an organization's configuration that can be applied. */
export interface Present {
  readonly subscriptions: readonly SubscriptionState[];
  readonly eventTypes: readonly EventTypeState[];
  /** Its policy for subscriptions that do not say. */
  readonly startInactive: boolean;
}

export interface Plan {
  readonly eventTypes: readonly Change<EventTypeState>[];
  readonly subscriptions: readonly Change<SubscriptionState>[];
  /** Signing secrets that were made, by subscription. */
  readonly secrets: ReadonlyMap<string, string>;
  readonly unchanged: number;
}

/** Subscriptions that a plan, once done, has made active and that want to be pinged then. */
export function pingsDue({ subscriptions }: Plan): SubscriptionState[] {
  return subscriptions.flatMap(({ before, after }) =>
    after?.settings.test?.onActivation && becameActive(before, after) ? [after] : [],
  );
}
