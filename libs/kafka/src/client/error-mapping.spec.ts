import { describe, expect, it } from '@jest/globals';
import { ClosedError, KafkaRequestError, RebalancedError, TransientKafkaError } from '../errors.js';
import { codeOf, toKafkaError, verdictOf } from './error-mapping.js';

function clientError(fields: { type?: string; retriable?: boolean; name?: string }, cause?: Error): Error {
  return Object.assign(new Error('said by the broker', cause === undefined ? {} : { cause }), fields);
}

describe('errors of the client', () => {
  it.each([
    ['REBALANCE_IN_PROGRESS', 'fenced'],
    ['ILLEGAL_GENERATION', 'fenced'],
    ['UNKNOWN_MEMBER_ID', 'fenced'],
    ['MESSAGE_TOO_LARGE', 'too-large'],
    ['OUT_OF_ORDER_SEQUENCE_NUMBER', 'producer-lost'],
    ['UNKNOWN_TOPIC_OR_PARTITION', 'unknown-topic'],
    ['TOPIC_AUTHORIZATION_FAILED', 'refused'],
  ])('%s is %s', (type, verdict) => {
    expect(verdictOf(clientError({ type }))).toBe(verdict);
  });

  it('looks through the wrapping of "number of retries exceeded"', () => {
    const wrapped = clientError(
      { name: 'KafkaJSNumberOfRetriesExceeded', retriable: false },
      clientError({ name: 'KafkaJSConnectionError', retriable: true }),
    );
    expect(verdictOf(wrapped)).toBe('transient');
    expect(toKafkaError('commit', wrapped)).toBeInstanceOf(TransientKafkaError);
  });

  it('carries the decision in the class', () => {
    expect(toKafkaError('commit', clientError({ type: 'ILLEGAL_GENERATION' }))).toBeInstanceOf(RebalancedError);
    const refused = toKafkaError('create', clientError({ type: 'POLICY_VIOLATION' }));
    expect(refused).toBeInstanceOf(KafkaRequestError);
    expect(refused).toMatchObject({ code: 'POLICY_VIOLATION', retryable: false });
  });

  it('leaves its own errors as they are', () => {
    const closed = new ClosedError('closed');
    expect(toKafkaError('send', closed)).toBe(closed);
  });

  it('does not loop on an error that is its own cause', () => {
    const error = new Error('round');
    error.cause = error;
    expect(codeOf(error)).toBe('Error');
  });
});
