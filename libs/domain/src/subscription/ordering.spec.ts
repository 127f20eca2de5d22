import { describe, expect, it } from '@jest/globals';
import type { EventAttributes } from '../event/event-attributes.js';
import { orderingKeyOf, type Ordering } from './ordering.js';

const event: EventAttributes = {
  id: 'evt_00000000000000000000000000000001',
  organization: 'org_default',
  type: 'invoice.submitted',
  source: 'billing',
  time: '2026-01-01T00:00:00.000Z',
  subject: 'invoice-7',
  extensions: { partitionkey: 'customer-1' },
  origin: { topic: 'events', partition: 0, offset: 0 },
};
const by = (orderingKey?: 'subject' | 'partitionkey'): Ordering => ({
  mode: 'fifo',
  policy: 'block',
  ...(orderingKey && { orderingKey }),
});
const recordKey = Buffer.from('record-key');

describe('the ordering key of an event', () => {
  it('is one and the same for a whole subscription', () => {
    expect(orderingKeyOf(by(), event, recordKey)).toBe('');
  });

  it('is its subject', () => {
    expect(orderingKeyOf(by('subject'), event, recordKey)).toBe('invoice-7');
  });

  it('is the partition key of CloudEvents, else the key of its record', () => {
    expect(orderingKeyOf(by('partitionkey'), event, recordKey)).toBe('customer-1');
    const { extensions, ...bare } = event;
    expect(extensions).toBeDefined();
    expect(orderingKeyOf(by('partitionkey'), bare, recordKey)).toBe('record-key');
    expect(orderingKeyOf(by('partitionkey'), bare, null)).toBe('');
  });

  it('is never longer than 64 characters, and still tells long ones apart', () => {
    const keyOf = (subject: string) => orderingKeyOf(by('subject'), { ...event, subject }, null);
    expect(keyOf('x'.repeat(64))).toBe('x'.repeat(64));
    expect(keyOf('x'.repeat(65))).toHaveLength(32);
    expect(keyOf('x'.repeat(65))).not.toBe(keyOf('x'.repeat(66)));
  });
});
