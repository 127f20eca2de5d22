import { type Broker, type Cluster } from 'kafkajs';

interface JoiningBroker extends Broker {
  joinGroup(request: object): Promise<unknown>;
}

const patient = new WeakSet<Broker>();

/**
 * Awaits `settled` before each request to join the group, with which a member gives up what it owns: kafkajs tells of a
 * rebalance and sends the request in the same turn. Nothing happens where its broker has another shape.
 */
export function awaitBeforeJoining(cluster: Cluster, settled: () => Promise<unknown>): void {
  const findGroupCoordinator = cluster.findGroupCoordinator.bind(cluster);
  cluster.findGroupCoordinator = async (group) => {
    const broker = await findGroupCoordinator(group);
    if (patient.has(broker) || !canJoin(broker)) return broker;
    patient.add(broker);
    const joinGroup = broker.joinGroup.bind(broker);
    broker.joinGroup = async (request) => {
      await settled();
      return joinGroup(request);
    };
    return broker;
  };
}

function canJoin(broker: Broker): broker is JoiningBroker {
  return typeof Reflect.get(broker, 'joinGroup') === 'function';
}
