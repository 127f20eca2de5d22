import { type Broker, type Cluster } from 'kafkajs';

/**
 * Has each broker adapted, once, before anybody gets it from the cluster: for what a consumer of kafkajs does with brokers and
 * has no option for. Its coordinators come this way too.
 */
export function adaptBrokers(cluster: Pick<Cluster, 'findBroker'>, adapt: (broker: Broker) => void): void {
  const adapted = new WeakSet<Broker>();
  const findBroker = cluster.findBroker.bind(cluster);
  cluster.findBroker = async (wanted) => {
    const broker = await findBroker(wanted);
    if (!adapted.has(broker)) {
      adapted.add(broker);
      adapt(broker);
    }
    return broker;
  };
}
