import { KafkaRequestError, RebalancedError, TransientKafkaError } from '@hookstream/kafka';

export type BrokerErrorCode =
  | 'UNREACHABLE'
  | 'NOT_COORDINATOR'
  | 'UNKNOWN_TOPIC_OR_PARTITION'
  | 'OFFSET_OUT_OF_RANGE'
  | 'MESSAGE_TOO_LARGE'
  | 'OFFSET_METADATA_TOO_LARGE'
  | 'UNKNOWN_MEMBER_ID'
  | 'ILLEGAL_GENERATION'
  | 'REBALANCE_IN_PROGRESS'
  | 'NON_EMPTY_GROUP';

/** A broker's answer to a request it does not serve, by Kafka's own names; `UNREACHABLE`: there was no answer. */
export class BrokerError extends Error {
  override readonly name = 'BrokerError';

  constructor(readonly code: BrokerErrorCode) {
    super(code);
  }
}

export function codeOf(error: unknown): BrokerErrorCode | undefined {
  return error instanceof BrokerError ? error.code : undefined;
}

export function isTransient(error: unknown): boolean {
  const code = codeOf(error);
  return code === 'UNREACHABLE' || code === 'NOT_COORDINATOR';
}

/** The membership under which something was asked is over, or in doubt. */
export function isFenced(error: unknown): boolean {
  const code = codeOf(error);
  return code === 'UNKNOWN_MEMBER_ID' || code === 'ILLEGAL_GENERATION' || code === 'REBALANCE_IN_PROGRESS';
}

/** As the ports' closed list has it. What is not of the broker's stays what it is. */
export function toKafkaError(what: string, error: unknown): unknown {
  const code = codeOf(error);
  if (code === undefined) return error;
  if (isTransient(error)) return new TransientKafkaError(`${what}: ${code}`, { cause: error });
  if (isFenced(error)) return new RebalancedError(`${what}: ${code}`, { cause: error });
  return new KafkaRequestError(`${what}: ${code}`, code, { cause: error });
}
