interface Waiter {
  readonly bytes: number;
  readonly admit: () => void;
  readonly refuse: (error: Error) => void;
}

/** A bound on bytes held, with a first-come queue for those who must wait. */
export class ByteBudget {
  #used = 0;
  readonly #waiting: Waiter[] = [];

  /** One holder larger than the whole budget is let in alone. */
  constructor(readonly limitBytes: number) {}

  get usedBytes(): number {
    return this.#used;
  }

  /** Takes at once, or not at all where others wait or there is no room. */
  tryTake(bytes: number): boolean {
    if (this.#waiting.length > 0 || !this.#fits(bytes)) return false;
    this.#used += bytes;
    return true;
  }

  /** Resolves when the bytes are taken; in the order of the calls. Rejects by `refuseWaiting`. */
  take(bytes: number): Promise<void> {
    if (this.tryTake(bytes)) return Promise.resolve();
    return new Promise((admit, refuse) => this.#waiting.push({ bytes, admit, refuse }));
  }

  give(bytes: number): void {
    this.#used -= bytes;
    for (let next = this.#waiting[0]; next !== undefined && this.#fits(next.bytes); next = this.#waiting[0]) {
      this.#waiting.shift();
      this.#used += next.bytes;
      next.admit();
    }
  }

  refuseWaiting(error: Error): void {
    for (const waiter of this.#waiting.splice(0)) waiter.refuse(error);
  }

  #fits(bytes: number): boolean {
    return this.#used === 0 || this.#used + bytes <= this.limitBytes;
  }
}
