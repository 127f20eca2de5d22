interface JoiningBroker {
  joinGroup(request: object): Promise<unknown>;
}

/**
 * Awaits `settled` before each request to join the group, with which a member gives up what it owns: kafkajs tells of a
 * rebalance and sends the request in the same turn. Nothing happens where its broker has another shape.
 */
export function awaitBeforeJoining(broker: object, settled: () => Promise<unknown>): void {
  if (!canJoin(broker)) return;
  const joinGroup = broker.joinGroup.bind(broker);
  broker.joinGroup = async (request) => {
    await settled();
    return joinGroup(request);
  };
}

function canJoin(broker: object): broker is JoiningBroker {
  return typeof Reflect.get(broker, 'joinGroup') === 'function';
}
