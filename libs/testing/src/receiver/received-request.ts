import type { IncomingHttpHeaders } from 'node:http';

export interface ReceivedRequest {
  /** Position in the journal, from 0, by arrival. */
  readonly index: number;
  readonly method: string;
  /** Path and query as sent. */
  readonly path: string;
  /** Names in lower case. */
  readonly headers: IncomingHttpHeaders;
  /** Names and values as sent, alternating. */
  readonly rawHeaders: readonly string[];
  /** The bytes, as they came. */
  readonly body: Buffer;
  /** When the head of the request had arrived, in ms of the Unix epoch. */
  readonly arrivedAtMs: number;
}
