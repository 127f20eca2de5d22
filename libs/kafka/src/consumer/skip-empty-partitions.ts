import { type Broker } from 'kafkajs';

interface Answer {
  readonly responses: readonly {
    readonly partitions: readonly {
      readonly errorCode: number;
      readonly preferredReadReplica: number;
      readonly messages: readonly unknown[];
    }[];
  }[];
}

const NO_REPLICA = -1;

/**
 * Keeps from kafkajs's consumer the partitions in which there is nothing new, as a fetch session would (KIP-227): it makes a
 * batch of each and hands it through its workers, with a heartbeat's turn, which for the 36 partitions of a dispatcher
 * cost more than the records of the others.
 */
export function skipEmptyPartitions(broker: Pick<Broker, 'fetch'>): void {
  const fetch = broker.fetch.bind(broker);
  broker.fetch = async (request) => withoutEmpty((await fetch(request)) as Answer);
}

function withoutEmpty(answer: Answer): Answer {
  const responses = answer.responses.map((topic) => ({
    ...topic,
    partitions: topic.partitions.filter(
      // A partition without records may tell of a nearer replica (KIP-392).
      ({ errorCode, preferredReadReplica, messages }) =>
        messages.length > 0 || errorCode !== 0 || preferredReadReplica !== NO_REPLICA,
    ),
  }));
  return { ...answer, responses };
}
