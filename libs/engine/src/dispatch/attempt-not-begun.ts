/** An attempt did not begin, because it might not any more; nothing has happened, and the record is as it was. */
export class AttemptNotBegun extends Error {
  override readonly name = 'AttemptNotBegun';
}
