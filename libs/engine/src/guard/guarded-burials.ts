import type { ConsumedRecord, Delivery } from '@hookstream/contracts';
import type { Undertaker } from '../parked/parked-ports.js';
import { DeadLetterGuard } from './dead-letter-guard.js';

/** A record is not taken now: so many could not be read that the fault must be ours. To be handed over again. */
export class HeldBack extends Error {
  override readonly name = 'HeldBack';
}

/**
 * Dead letters of a process that only reads deliveries and writes them elsewhere, so that an outage of ours (a decoder
 * that reads nothing, a limit that nothing fits into any more) does not flush a topic into the dead letters. What cannot be
 * read and what cannot be written each have a guard: that everything can be read says nothing about writing.
 */
export class GuardedBurials implements Undertaker {
  private readonly reading: DeadLetterGuard;
  private readonly writing: DeadLetterGuard;

  /** @param onChange told of each closing, with the reason, and of each opening */
  constructor(
    private readonly undertaker: Undertaker,
    onChange: (why: string | undefined) => void,
  ) {
    this.reading = new DeadLetterGuard(onChange);
    this.writing = new DeadLetterGuard(onChange);
  }

  get closedBecause(): string | undefined {
    return this.reading.closedBecause ?? this.writing.closedBecause;
  }

  /** To be called before a new record is read. @throws HeldBack */
  admit(): void {
    if (!this.reading.admits()) throw new HeldBack(this.reading.closedBecause);
  }

  /** A record could be read. */
  wasRead(): void {
    this.reading.passed();
  }

  /** A record was written to where it goes on to. */
  wasWritten(): void {
    this.writing.passed();
  }

  /** Waits while a guard is closed. Never settles where it was given up: the record's next reader decides. */
  async bury(record: ConsumedRecord, cause: Parameters<Undertaker['bury']>[1], delivery?: Delivery): Promise<void> {
    const guard = delivery === undefined ? this.reading : this.writing;
    while (!guard.tolerates(cause.reason)) {
      // Given up: nothing is decided here any more.
      await guard.turn().catch(() => new Promise(() => undefined));
    }
    await this.undertaker.bury(record, cause, delivery);
  }

  /** To be called once a second: while too many would be buried, one more is tried. */
  tick(): void {
    this.reading.tick();
    this.writing.tick();
  }

  /** The process drains. */
  giveUp(): void {
    this.reading.giveUp();
    this.writing.giveUp();
  }
}
