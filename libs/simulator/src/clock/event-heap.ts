export interface ScheduledEvent {
  readonly atMs: number;
  /** Decides between events of one time: first scheduled, first run. */
  readonly sequence: number;
  readonly run: () => void;
  cancelled: boolean;
}

/** Events by time. Cancelled ones stay in until their time comes; whoever pops them drops them. */
export class EventHeap {
  readonly #events: ScheduledEvent[] = [];

  peek(): ScheduledEvent | undefined {
    return this.#events[0];
  }

  push(event: ScheduledEvent): void {
    const events = this.#events;
    let at = events.length;
    events.push(event);
    while (at > 0) {
      const parentAt = (at - 1) >> 1;
      const parent = events[parentAt];
      if (parent === undefined || !isBefore(event, parent)) break;
      events[at] = parent;
      at = parentAt;
    }
    events[at] = event;
  }

  pop(): ScheduledEvent | undefined {
    const events = this.#events;
    const first = events[0];
    const last = events.pop();
    if (last !== undefined && events.length > 0) this.#sink(last);
    return first;
  }

  /** Puts an event where the first one was. */
  #sink(event: ScheduledEvent): void {
    const events = this.#events;
    let at = 0;
    for (;;) {
      const leftAt = 2 * at + 1;
      const left = events[leftAt];
      if (left === undefined) break;
      const right = events[leftAt + 1];
      const smallerAt = right !== undefined && isBefore(right, left) ? leftAt + 1 : leftAt;
      const smaller = smallerAt === leftAt ? left : right;
      if (smaller === undefined || !isBefore(smaller, event)) break;
      events[at] = smaller;
      at = smallerAt;
    }
    events[at] = event;
  }
}

function isBefore(a: ScheduledEvent, b: ScheduledEvent): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.sequence < b.sequence);
}
