import { type Cluster } from '../broker/cluster.js';
import { type Network } from '../network/network.js';
import { type Replica } from '../replica/replica.js';

/** Whose client it is, and of what. */
export interface ClientContext {
  readonly replica: Replica;
  readonly network: Network;
  readonly cluster: Cluster;
}
