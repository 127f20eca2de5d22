const REMEMBERED = 50;
const TOLERATED = 10;

/** Nothing more is decided here: the process drains. What waited stays as it is. */
class GivenUp extends Error {
  override readonly name = 'GivenUp';
}

interface Waiting {
  readonly goOn: () => void;
  readonly giveUp: (error: GivenUp) => void;
}

/**
 * Keeps an outage on our side (a key that opens no secret, an emptied configuration, a decoder that fails) from flushing a
 * topic into the dead letters: of the last 50 records at most a fifth may end there for reasons of ours. The next one
 * closes the guard. What would be buried then waits, and one record at a time is tried until one passes: that opens it.
 */
export class DeadLetterGuard {
  private recent: boolean[] = [];
  private next = 0;
  private why: string | undefined;
  private trials = 0;
  private waiting: Waiting[] = [];

  /** @param onChange told of each closing, with the reason, and of each opening */
  constructor(private readonly onChange: (why: string | undefined) => void) {}

  /** Why nothing is taken; undefined while all is well. */
  get closedBecause(): string | undefined {
    return this.why;
  }

  /** A record went well. */
  passed(): void {
    if (this.why === undefined) this.remember(false);
    else this.open();
  }

  /** Whether a record may be buried for a reason of ours; counted when it may. */
  tolerates(reason: string): boolean {
    if (this.why === undefined && this.recent.filter(Boolean).length < TOLERATED) {
      this.remember(true);
      return true;
    }
    if (this.why === undefined) this.close(reason);
    return false;
  }

  /** Whether one more record may be taken: every one, or each trial once. */
  admits(): boolean {
    if (this.why === undefined) return true;
    if (this.trials === 0) return false;
    this.trials -= 1;
    return true;
  }

  /** To be called about once a second: lets a new record be tried, and one of those that wait. */
  tick(): void {
    if (this.why === undefined) return;
    this.trials = 1;
    this.waiting.shift()?.goOn();
  }

  /** Resolves when it is open again, or this record's turn has come to be tried again; rejects when nothing is decided any more. */
  turn(): Promise<void> {
    return new Promise((goOn, giveUp) => this.waiting.push({ goOn, giveUp }));
  }

  /** Lets go of all that waits, undecided. */
  giveUp(): void {
    for (const { giveUp } of this.waiting.splice(0)) giveUp(new GivenUp('nothing is decided any more'));
  }

  private close(reason: string): void {
    this.why = `more than a fifth of the last ${REMEMBERED} records would become dead letters, now by ${reason}`;
    this.trials = 0;
    this.onChange(this.why);
  }

  private open(): void {
    this.why = undefined;
    this.recent = [];
    this.next = 0;
    this.onChange(undefined);
    for (const { goOn } of this.waiting.splice(0)) goOn();
  }

  private remember(buried: boolean): void {
    this.recent[this.next] = buried;
    this.next = (this.next + 1) % REMEMBERED;
  }
}
