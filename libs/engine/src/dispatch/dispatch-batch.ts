import type { LaneItem } from '../lanes/lanes.js';
import type { BatchBounds, Gathering } from '../lanes/gathering.js';
import { OVERHEAD_BYTES, type DispatchItem } from './dispatch-item.js';

/** Records of one subscription that go in one request: to lanes and limits, they are one. */
export class DispatchBatch implements LaneItem {
  readonly lane: string;
  readonly group: string;
  readonly bytes: number;

  constructor(readonly items: readonly [DispatchItem, ...DispatchItem[]]) {
    const [{ lane, group }] = items;
    this.lane = lane;
    this.group = group;
    this.bytes = items.reduce((total, item) => total + item.bytes, 0);
  }
}

/** An entry of a batch that failed goes with so many fewer the next time. */
const FEWER_EACH_TIME = 4;

/** What lanes need to know to gather the records of subscriptions with `payload.batch`. */
export function gatheringOf(
  boundsOf: (subscription: string) => BatchBounds | undefined,
  now: () => number,
): Gathering<DispatchItem, DispatchBatch> {
  return {
    boundsOf,
    now,
    overheadBytes: OVERHEAD_BYTES,
    together: (items) => new DispatchBatch(items),
    // One that makes all with it fail is alone in the end, and cannot exhaust the others.
    mostWith: ({ work }, maxEntries) =>
      work.kind === 'delivery' ? Math.floor(maxEntries / FEWER_EACH_TIME ** work.delivery.attemptsInRun) : 1,
  };
}
