import { HANDSHAKE_TYPE } from '@hookstream/domain';
import type { Delivery } from './delivery-record.js';

/**
 * The origin that a test delivery asks an endpoint's leave for: the subject of its event. Undefined for every other delivery,
 * and for a producer's event of that type, which is no test.
 */
export function handshakeOrigin({ test, event }: Pick<Delivery, 'test' | 'event'>): string | undefined {
  return test && event.type === HANDSHAKE_TYPE ? event.subject : undefined;
}
