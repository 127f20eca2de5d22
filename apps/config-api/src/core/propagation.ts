import { within } from './within.js';

/** Brings committed configuration to where routers and dispatchers read it. */
export interface Propagation {
  /** Whether Kafka has everything that was committed before the call; `false` when that could not be told in time. */
  inForce(): Promise<boolean>;
}

/** How long an answer waits for Kafka. */
export const PROPAGATION_TIMEOUT_MS = 2_000;

/** @param publish resolves when Kafka has it all; a relay goes on where it fails */
export function propagationBy(publish: () => Promise<void>, timeoutMs = PROPAGATION_TIMEOUT_MS): Propagation {
  return {
    async inForce() {
      const published = publish().then(
        () => true,
        () => false,
      );
      return (await within(timeoutMs, published)) ?? false;
    },
  };
}
