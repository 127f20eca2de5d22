/** What is rendered of an event. */
export interface RenderableEvent {
  /** The producer's id, else ours. */
  readonly id: string;
  /** CloudEvents `source`. */
  readonly source: string;
  readonly type: string;
  /** When the event occurred, RFC 3339. */
  readonly time: string;
  readonly subject?: string | undefined;
  /** The media type of `data`; JSON where the producer gave none. */
  readonly contentType?: string | undefined;
  readonly dataSchema?: string | undefined;
  /** CloudEvents extension attributes by their names. */
  readonly extensions?: Readonly<Record<string, string>> | undefined;
  /** The bytes as produced; empty where the event has no data. */
  readonly data: Buffer;
}

export interface RenderedPayload {
  readonly ok: true;
  readonly body: Buffer;
  /** Undefined for an event without data in a format that sends nothing in its place. */
  readonly contentType: string | undefined;
  /** What the format says in headers, names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface InvalidJson {
  readonly ok: false;
  readonly reason: 'invalid-json';
  /** Plain words with the position, for the dead letter. Repeats none of the data. */
  readonly detail: string;
  /** Index of the offending byte in the event's data. */
  readonly position: number;
}

export type RenderResult = RenderedPayload | InvalidJson;
