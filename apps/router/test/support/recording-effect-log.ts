import {
  decodeDeadLetter,
  decodeDelivery,
  decodeRoutedBatch,
  type DeadLetterWithValue,
  type Delivery,
  type OutgoingRecord,
  type RoutedEvent,
} from '@hookstream/contracts';
import type { EffectLog } from '../../src/core/effect-log.js';
import { consumed } from './builders.js';

export type WriteAnswer = 'written' | 'too-large' | Error;

/** A log in memory that answers as it is told and says what it took. */
export class RecordingEffectLog implements EffectLog {
  readonly written: OutgoingRecord[] = [];
  writes = 0;
  inFlight = 0;
  mostInFlight = 0;

  constructor(private readonly answer: (record: OutgoingRecord, write: number) => WriteAnswer = () => 'written') {}

  async write(record: OutgoingRecord): Promise<'written' | 'too-large'> {
    this.inFlight += 1;
    this.mostInFlight = Math.max(this.mostInFlight, this.inFlight);
    const answer = this.answer(record, this.writes++);
    await new Promise(setImmediate);
    this.inFlight -= 1;
    if (answer instanceof Error) throw answer;
    if (answer === 'written') this.written.push(record);
    return answer;
  }

  deliveries(): Delivery[] {
    return this.of('deliveries').map((record) => decodeDelivery(consumed(record)));
  }

  routed(): RoutedEvent[] {
    return this.of('routed').flatMap((record) => decodeRoutedBatch(consumed(record)));
  }

  deadLetters(): DeadLetterWithValue[] {
    return this.of('dead-letters').map((record) => decodeDeadLetter(consumed(record)));
  }

  of(topic: string): OutgoingRecord[] {
    return this.written.filter((record) => record.topic === topic);
  }
}
