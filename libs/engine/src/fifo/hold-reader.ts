import type { OrderedPorts } from './ordered-ports.js';

/** Offsets read at once to find what is wanted. */
const SPAN = 256;
const AGAIN_MS = 1_000;

/** Reads stretches of one partition of `fifo.hold` again, one at a time. */
export class HoldReader<T> {
  private isReading = false;
  private againAtMs = 0;

  constructor(
    private readonly partition: number,
    private readonly ports: Pick<OrderedPorts<T>, 'load' | 'now'>,
  ) {}

  get isFree(): boolean {
    return !this.isReading && this.ports.now() >= this.againAtMs;
  }

  /** @param onEnd told whether all of it was read; where not, there is a pause before the next */
  read(fromOffset: number, onItem: (item: T) => void, onEnd: (complete: boolean) => void): void {
    this.isReading = true;
    const ended = (complete: boolean) => {
      this.isReading = false;
      if (!complete) this.againAtMs = this.ports.now() + AGAIN_MS;
      onEnd(complete);
    };
    this.ports.load({ partition: this.partition, fromOffset, toOffset: fromOffset + SPAN }, onItem).then(
      () => ended(true),
      () => ended(false),
    );
  }
}
