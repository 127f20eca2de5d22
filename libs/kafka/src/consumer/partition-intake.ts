import { type TopicPartition } from '../ports.js';

/** Why a partition of ours is not fetched at the moment, apart from its owner's own pause. */
export type Hold = 'being-assigned' | 'running-alone' | 'backing-off' | 'leaving';

export interface FetchedRange {
  readonly offsets: readonly number[];
  readonly highWatermark: number;
}

/** What this member knows of one partition it owns: where it reads on, and what keeps it from being fetched. */
export class PartitionIntake implements TopicPartition {
  readonly #holds = new Set<Hold>();
  #position: number | undefined;
  #seeks = 0;
  /** Consecutive throws of the handler. */
  failures = 0;
  /** The owner has been told that the partition is his. */
  announced = false;

  constructor(
    readonly topic: string,
    readonly partition: number,
  ) {}

  /** The next offset to hand over; undefined until known: then it is the committed one. */
  get position(): number | undefined {
    return this.#position;
  }

  get isHeld(): boolean {
    return this.#holds.size > 0;
  }

  hold(reason: Hold): void {
    this.#holds.add(reason);
  }

  release(reason: Hold): void {
    this.#holds.delete(reason);
  }

  seek(offset: number): void {
    this.#position = offset;
    this.#seeks += 1;
  }

  /** How many of the fetched offsets, from the front, were handed over before: a fetch may lag behind a seek or a rejoin. */
  alreadyHandedOver({ offsets, highWatermark }: FetchedRange): number {
    if (this.#position === undefined) return 0;
    if (highWatermark < this.#position) {
      // The log is shorter than what was read of it: the topic was made anew.
      this.#position = undefined;
      return 0;
    }
    const position = this.#position;
    const first = offsets.findIndex((offset) => offset >= position);
    return first === -1 ? offsets.length : first;
  }

  /** Call before handing over; the returned function moves the position on, unless someone has sought meanwhile. */
  beginHandover(): (nextOffset: number) => boolean {
    const seeks = this.#seeks;
    return (nextOffset) => {
      if (this.#seeks !== seeks) return false;
      this.#position = nextOffset;
      return true;
    };
  }
}
