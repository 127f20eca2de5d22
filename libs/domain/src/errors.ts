/**
 * A record that can never be handled, however often it is read: the caller writes it to the dead letters with its raw
 * bytes and commits past it. One bad record never stops a partition.
 */
export class PoisonRecord extends Error {
  override readonly name = 'PoisonRecord';

  /**
   * @param reason stable word for filters and metrics, `undecodable`, `oversize`, `unknown-organization` …
   * @param detail what is wrong and where, for a person; never the payload
   */
  constructor(
    readonly reason: string,
    readonly detail: string,
  ) {
    super(`${reason}: ${detail}`);
  }
}
