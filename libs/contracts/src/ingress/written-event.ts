/** What a record says of its event, in its producer's words; nothing of it is judged yet. */
export interface WrittenEvent {
  readonly type: string | undefined;
  readonly id: string | undefined;
  readonly source: string | undefined;
  readonly time: string | undefined;
  readonly subject: string | undefined;
  /** Id or external id. */
  readonly organization: string | undefined;
  readonly dataContentType: string | undefined;
  readonly dataSchema: string | undefined;
  readonly extensions: readonly (readonly [string, string])[];
  readonly data: Buffer;
}

export const NO_DATA = Buffer.alloc(0);
export const JSON_MEDIA_TYPE = 'application/json';
