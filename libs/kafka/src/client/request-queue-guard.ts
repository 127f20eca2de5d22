import { createRequire } from 'node:module';

interface RequestQueueShape {
  readonly pending: readonly unknown[];
}

interface RequestQueuePrototype {
  scheduleCheckPendingRequests(this: RequestQueueShape): void;
}

const guarded = new WeakSet<object>();

function isRequestQueueClass(value: unknown): value is { readonly prototype: RequestQueuePrototype } {
  if (typeof value !== 'function') return false;
  const prototype: unknown = value.prototype;
  return (
    typeof prototype === 'object' &&
    prototype !== null &&
    ['scheduleCheckPendingRequests', 'checkPendingRequests', 'push', 'maybeThrottle'].every(
      (method) => typeof Reflect.get(prototype, method) === 'function',
    )
  );
}

export function requestQueueClass(): unknown {
  return createRequire(import.meta.url)('kafkajs/src/network/requestQueue');
}

/**
 * Stops every connection of kafkajs 2.2.4 from waking up each millisecond for ever: its request queue schedules a check
 * of pending requests with a negative delay even when none is pending (4–7 % of a core per idle process, and a
 * TimeoutNegativeWarning on Node 24). Whoever adds a pending request schedules the check itself, so with none pending
 * there is nothing to schedule. Done at run time because a patched copy in node_modules would not reach those who install us.
 *
 * @returns false where the class no longer has the shape this relies on; nothing is changed then, a test fails.
 */
export function guardRequestQueue(queueClass: unknown = requestQueueClass()): boolean {
  if (!isRequestQueueClass(queueClass)) return false;
  const { prototype } = queueClass;
  if (guarded.has(prototype)) return true;
  const schedule = Reflect.get(prototype, 'scheduleCheckPendingRequests');
  prototype.scheduleCheckPendingRequests = function scheduleOnlyWhenPending() {
    if (this.pending.length > 0) schedule.call(this);
  };
  guarded.add(prototype);
  return true;
}
