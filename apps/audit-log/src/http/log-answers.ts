import { TransientDatabaseError } from '@hookstream/database';
import { TransientKafkaError } from '@hookstream/kafka';
import { Problem } from '@hookstream/service';
import { UnknownOrganization } from '../core/read/log-search.js';

const RETRY_AFTER_S = '2';

/** What was found. @throws Problem for what was not, and for what cannot be asked just now */
export async function found<T>(answer: Promise<T | undefined>): Promise<T> {
  const result = await answer.catch((error: unknown) => {
    throw problemFor(error);
  });
  if (result === undefined) throw new Problem('not-found');
  return result;
}

function problemFor(error: unknown): unknown {
  if (error instanceof UnknownOrganization) {
    const errors = [{ parameter: 'organization', message: 'there is no such organization' }];
    return new Problem('not-found', { detail: 'organization: there is no such organization', errors });
  }
  if (error instanceof TransientDatabaseError) {
    const detail = 'The log cannot be read at the moment; deliveries go on.';
    return new Problem('unavailable', { detail, headers: { 'Retry-After': RETRY_AFTER_S }, cause: error });
  }
  if (error instanceof TransientKafkaError) {
    const detail = 'Kafka is not available at the moment. With one Idempotency-Key the request may be sent again.';
    return new Problem('unavailable', { detail, headers: { 'Retry-After': RETRY_AFTER_S }, cause: error });
  }
  return error;
}
