/** A filter that could not be evaluated: the event does not match, and its owner is told. */
export class FilterError {
  /** @param message for the subscription's owner, at most 200 characters */
  constructor(readonly message: string) {}
}

/** What a filter says of an event. */
export type Verdict = boolean | FilterError;
