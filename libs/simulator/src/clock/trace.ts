/** Lines kept for whoever looks into a failure. */
const DEFAULT_KEPT_LINES = 5_000;

/** What has happened, in order: a digest of all of it, and its last lines. Two runs of one seed have the same digest. */
export class Trace {
  readonly #lines: string[] = [];
  #high = 0xdead_beef;
  #low = 0x41c6_ce57;
  #count = 0;

  constructor(
    private readonly elapsedMs: () => number,
    private readonly keptLines = DEFAULT_KEPT_LINES,
  ) {}

  add(what: string): void {
    const line = `${this.elapsedMs().toFixed(3)} ${what}`;
    this.#count += 1;
    for (let i = 0; i < line.length; i += 1) {
      const unit = line.charCodeAt(i);
      this.#high = Math.imul(this.#high ^ unit, 0x9e37_79b1);
      this.#low = Math.imul(this.#low ^ unit, 0x5f35_6495);
    }
    this.#lines.push(line);
    // In one go, so that a line costs nothing on average.
    if (this.#lines.length > 2 * this.keptLines) this.#lines.splice(0, this.#lines.length - this.keptLines);
  }

  get digest(): string {
    const hex = (half: number) => (half >>> 0).toString(16).padStart(8, '0');
    return `${this.#count}-${hex(this.#high)}${hex(this.#low)}`;
  }

  /** The last ones, oldest first. */
  lines(count: number = this.keptLines): readonly string[] {
    return this.#lines.slice(-count);
  }
}
