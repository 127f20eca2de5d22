/** The entity that an event is about, as it is now. */
export type EntityReading =
  /** `json`: checked to be well-formed. `release` is to be called once, when it is no longer needed. */
  | { readonly kind: 'entity'; readonly json: Buffer; readonly release: () => void }
  /** There is none, or none any more. */
  | { readonly kind: 'missing'; readonly detail: string }
  /** The event does not say which; no later reading could do better. */
  | { readonly kind: 'unnamed'; readonly detail: string }
  /** It cannot be read now. */
  | { readonly kind: 'unavailable'; readonly detail: string; readonly againInMs: number };

export const MAX_ENTITY_BYTES = 1_048_576;
