/** A JSON value, as a request holds it. */
type Json = string | number | boolean | null | readonly Json[] | { readonly [member: string]: Json };

/** A named set of a subscription's settings, as a request would give them. Whatever a request says itself goes before. */
export interface Profile {
  readonly name: string;
  /** What gets such requests. */
  readonly description: string;
  readonly settings: { readonly [member: string]: Json };
}
