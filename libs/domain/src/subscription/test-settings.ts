/** The type of the event that a test sends. No producer's event has to have it, and no subscription has to want it. */
export const PING_TYPE = 'hookstream.ping';

/** How a subscription is tested: one event of ours, sent once, as everything else is sent. */
export interface TestSettings {
  /** Sent when the subscription becomes active. */
  readonly onActivation: boolean;
  /** The data of the event as JSON text; left out: what it says by default. Dispatchers are not told. */
  readonly body?: string;
  /** A test that is not delivered deactivates the subscription (`test-failed`). */
  readonly failureDeactivates: boolean;
  /** It may be tested while it is not active. */
  readonly whileInactive: boolean;
}
