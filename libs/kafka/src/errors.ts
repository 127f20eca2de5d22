/**
 * What can go wrong with a log, as decisions: a caller asks `retryable`, not the client's names and numbers.
 * The list is closed: the adapter throws nothing else.
 */
export type KafkaError = TransientKafkaError | RebalancedError | RecordTooLargeError | KafkaRequestError | ClosedError;

/** The broker, the network or the group is away or busy: nothing is wrong with the request, try again later. */
export class TransientKafkaError extends Error {
  override readonly name = 'TransientKafkaError';
  readonly retryable = true;
}

/** This member no longer owns what it wanted to commit. The new owner will do it: may be ignored. */
export class RebalancedError extends Error {
  override readonly name = 'RebalancedError';
  readonly retryable = false;
}

/** The record is above the producer's or the topic's limit: it never fits, however often it is tried. */
export class RecordTooLargeError extends Error {
  override readonly name = 'RecordTooLargeError';
  readonly retryable = false;

  constructor(
    readonly topic: string,
    readonly sizeBytes: number,
    readonly limitBytes: number | undefined,
    options?: ErrorOptions,
  ) {
    const limit = limitBytes === undefined ? "the topic's limit" : `the limit of ${limitBytes} bytes`;
    super(`A record of ${sizeBytes} bytes for ${topic} is above ${limit}`, options);
  }
}

/** The broker refuses the request for good: unknown topic past the deadline, no permission, invalid argument. */
export class KafkaRequestError extends Error {
  override readonly name = 'KafkaRequestError';
  readonly retryable = false;

  /** `code` is Kafka's own name of the error, such as `TOPIC_AUTHORIZATION_FAILED`. */
  constructor(
    message: string,
    readonly code: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Used after, or interrupted by, `close`. */
export class ClosedError extends Error {
  override readonly name = 'ClosedError';
  readonly retryable = false;
}
