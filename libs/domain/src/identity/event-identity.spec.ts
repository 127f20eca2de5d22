import { describe, expect, it } from '@jest/globals';
import { attemptId, deliveryId, eventIdFromOrigin, eventIdFromProducer } from './event-identity.js';
import { isId, newId } from './ids.js';

const origin = { topic: 'orders', partition: 3, offset: 42 };

describe('event identity', () => {
  it('never changes: these ids are in logs and in receivers’ databases', () => {
    const event = eventIdFromProducer('org_default', '/orders', 'A-1');
    expect(event).toBe('evt_7c783e1661ebf19922762360789890a9');
    expect(eventIdFromOrigin(origin, 1_700_000_000_000)).toBe('evt_6b1fca622e7ddf0bb587d15a10c75aa1');
    expect(deliveryId(event, 'sub_a')).toBe('dlv_0cf897f9cbd28c315dd63c851da11ab9');
    expect(attemptId(deliveryId(event, 'sub_a'), '0', 1)).toBe('att_ecee81616f001ff5796289b50d932cbd');
  });

  it('tells apart what a plain concatenation would confuse', () => {
    expect(eventIdFromProducer('org_a', 'bc', 'd')).not.toBe(eventIdFromProducer('org_a', 'b', 'cd'));
  });

  it('tells the offsets of a recreated topic from the old one’s by the timestamp', () => {
    expect(eventIdFromOrigin(origin, 1)).not.toBe(eventIdFromOrigin(origin, 2));
  });

  it('is an id of its kind', () => {
    expect(isId('evt', eventIdFromOrigin(origin, 1))).toBe(true);
    expect(isId('sub', eventIdFromOrigin(origin, 1))).toBe(false);
  });
});

describe('newId', () => {
  it('is the prefix and 16 bytes of entropy', () => {
    expect(newId('sub', Buffer.alloc(16, 0xab))).toBe(`sub_${'ab'.repeat(16)}`);
    expect(newId('sub')).not.toBe(newId('sub'));
  });

  it.each(['sub_', 'sub_A', 'sub_a.b', `sub_${'a'.repeat(65)}`, 'subx_a', 'org_a'])(
    '%s is no subscription id',
    (text) => {
      expect(isId('sub', text)).toBe(false);
    },
  );
});
