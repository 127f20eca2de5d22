import { type Simulation } from '../../simulation.js';
import { type DeliveryLedger } from './delivery-ledger.js';
import { type Endpoints } from './endpoints.js';
import { type OwnershipWatch } from './ownership-watch.js';

/** What the programs of one run share, beside the log. */
export interface EngineWorld {
  readonly simulation: Simulation;
  readonly ledger: DeliveryLedger;
  readonly endpoints: Endpoints;
  readonly ownership: OwnershipWatch;
  readonly subscriptions: number;
  /** Milliseconds of virtual time after which nothing new is produced. */
  readonly produceUntilMs: number;
}
