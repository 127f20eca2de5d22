import type { OrderedMemory } from './ordered-memory.js';
import type { OrderedItem, OrderedQueue } from './ordered-queue.js';
import { ON_ITS_WAY } from './position-queue.js';

/** Puts deliveries into queues and takes them out, and counts what that keeps in memory. */
export class QueueContents<T extends OrderedItem> {
  constructor(private readonly memory: OrderedMemory) {}

  put(queue: OrderedQueue<T>, position: number, place: number): void {
    const before = queue.order.length;
    queue.order.put(position, place);
    this.memory.positions += queue.order.length - before;
  }

  expect(queue: OrderedQueue<T>, position: number, attempt: number): void {
    this.unload(queue, position);
    this.put(queue, position, ON_ITS_WAY);
    queue.expected.set(position, attempt);
  }

  remove(queue: OrderedQueue<T>, position: number): void {
    const before = queue.order.length;
    queue.order.delete(position);
    this.memory.positions += queue.order.length - before;
    queue.dues.delete(position);
    queue.expected.delete(position);
    this.unload(queue, position);
  }

  keep(queue: OrderedQueue<T>, item: T): void {
    if (queue.near.has(item.position)) return;
    queue.near.set(item.position, item);
    this.memory.payloadBytes += item.bytes;
  }

  /** Takes a record out of memory. */
  unload(queue: OrderedQueue<T>, position: number): void {
    const item = queue.near.get(position);
    if (!item) return;
    queue.near.delete(position);
    this.memory.payloadBytes -= item.bytes;
  }
}
