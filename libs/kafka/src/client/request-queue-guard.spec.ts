import { describe, expect, it } from '@jest/globals';
import { createRequire } from 'node:module';
import { guardRequestQueue, requestQueueClass } from './request-queue-guard.js';

interface Queue {
  pending: unknown[];
  throttleCheckTimeoutId: unknown;
  checkPendingRequests(): void;
  destroy(): void;
}

function newQueue(): Queue {
  const QueueClass = requestQueueClass();
  if (typeof QueueClass !== 'function') throw new Error('kafkajs has no request queue where it was');
  const logger = { debug: () => undefined };
  return Reflect.construct(QueueClass, [{ logger, clientId: 'c', broker: 'b', requestTimeout: 1000 }]) as Queue;
}

describe('the guard of the request queue', () => {
  it('fits the kafkajs that is installed', () => {
    const manifest: unknown = createRequire(import.meta.url)('kafkajs/package.json');
    expect(manifest).toMatchObject({ version: '2.2.4' });
    expect(guardRequestQueue()).toBe(true);
  });

  it('lets an idle connection sleep', () => {
    guardRequestQueue();
    const queue = newQueue();
    queue.checkPendingRequests();
    expect(queue.throttleCheckTimeoutId).toBeNull();
  });

  it('still schedules a check while requests are pending', () => {
    guardRequestQueue();
    const queue = Object.assign(newQueue(), { maxInFlightRequests: 0 });
    queue.pending.push({});
    queue.checkPendingRequests();
    expect(queue.throttleCheckTimeoutId).not.toBeNull();
    queue.pending.length = 0;
    queue.destroy();
  });

  it('says so when the class has another shape', () => {
    expect(guardRequestQueue(class {})).toBe(false);
    expect(guardRequestQueue(null)).toBe(false);
  });
});
