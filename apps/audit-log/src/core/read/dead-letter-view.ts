import type { DeadLetterView, WholeDeadLetterView } from '@hookstream/log-api';
import type { LoggedDeadLetter, RawRecord } from './log-reader.js';

export function viewDeadLetter({ at, ...letter }: LoggedDeadLetter): DeadLetterView {
  return { ...letter, at: at.toISOString() };
}

/** With the refused record, all of it in base64: nobody could read it. */
export function viewWholeDeadLetter(letter: LoggedDeadLetter, { key, headers, value }: RawRecord): WholeDeadLetterView {
  return {
    ...viewDeadLetter(letter),
    record: {
      key,
      headers: headers.map(([name, bytes]) => ({ name, value: bytes })),
      value: value?.toString('base64') ?? null,
      valueTruncated: (letter.valueBytes ?? 0) > (value?.length ?? 0),
    },
  };
}
