interface FieldViolation {
  readonly pointer: string;
  readonly message: string;
}

/** Why a request is refused, in the caller's terms; never a failure of ours. */
export type Rejection =
  | { readonly kind: 'not-found' }
  /** A parameter names what is not there, or not the caller's: the two are not told apart. */
  | { readonly kind: 'unknown-reference'; readonly parameter: string; readonly message: string }
  /** Somebody else changed it since the version the caller names. */
  | { readonly kind: 'version-mismatch'; readonly currentVersion: number }
  /** It does not fit what is there: a name that is taken, a thing still in use. */
  | { readonly kind: 'conflict'; readonly detail: string }
  /** One field of the body cannot be accepted, though it is well-formed. */
  | { readonly kind: 'field'; readonly pointer: string; readonly message: string }
  | { readonly kind: 'parameter'; readonly parameter: string; readonly message: string }
  | { readonly kind: 'forbidden'; readonly detail: string }
  /** Data that is not as its event type declares: pointers into the body. */
  | { readonly kind: 'schema'; readonly detail: string; readonly violations: readonly FieldViolation[] }
  /** An event that the router could not read either. `reason` is a word of `PoisonRecord`; `index`: in its batch. */
  | { readonly kind: 'event'; readonly index: number; readonly reason: string; readonly detail: string };

export type Outcome<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly rejection: Rejection };

export function accepted<T>(value: T): { readonly ok: true; readonly value: T } {
  return { ok: true, value };
}

export function rejected(rejection: Rejection): { readonly ok: false; readonly rejection: Rejection } {
  return { ok: false, rejection };
}
