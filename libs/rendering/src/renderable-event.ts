/** What is rendered of an event. */
export interface RenderableEvent {
  readonly type: string;
  /** When the event occurred, RFC 3339. */
  readonly time: string;
  /** The media type of `data`; JSON where the producer gave none. */
  readonly contentType?: string | undefined;
  /** The bytes as produced; empty where the event has no data. */
  readonly data: Buffer;
}

export type RenderResult =
  | { readonly ok: true; readonly body: Buffer; readonly contentType: string }
  | {
      readonly ok: false;
      readonly reason: 'invalid-json';
      /** Plain words with the position, for the dead letter. Repeats none of the data. */
      readonly detail: string;
      /** Index of the offending byte in the event's data. */
      readonly position: number;
    };
