import { type EndpointState, type SubscriptionDocument, type Topics } from '@hookstream/contracts';
import { type Simulation } from '../../simulation.js';
import { type DeliveryLedger } from './delivery-ledger.js';
import { type OrderPolicies } from './order-policies.js';
import { type OwnershipWatch } from './ownership-watch.js';
import { type Receivers } from './receivers.js';

/** What the programs of one run share, beside the log. */
export interface EngineWorld {
  readonly simulation: Simulation;
  readonly topics: Topics;
  readonly partitions: number;
  readonly ledger: DeliveryLedger;
  readonly receivers: Receivers;
  readonly ownership: OwnershipWatch;
  readonly policies: OrderPolicies;
  readonly subscriptions: readonly SubscriptionDocument[];
  /** What the owner of each endpoint has told last. */
  readonly endpointStates: Map<string, EndpointState>;
  /** The retry-scheduler's clock is so far ahead of the dispatcher's. Milliseconds. */
  readonly schedulerAheadMs: number;
  /** Milliseconds of virtual time after which nothing new is produced. */
  readonly produceUntilMs: number;
}

/** Topics every delivery passes on its way, all with one partition count. */
export function waysOf({
  deliveries,
  deliveriesFifo,
  fifoHold,
  attempts,
  deadLetters,
  commands,
  parked,
  delayNear,
  delayLevels,
}: Topics) {
  const delays = [delayNear, ...delayLevels.map(({ topic }) => topic)];
  return {
    delays,
    waiting: [...delays, parked, fifoHold],
    all: [deliveries, deliveriesFifo, fifoHold, attempts, deadLetters, commands, parked, ...delays],
  };
}
