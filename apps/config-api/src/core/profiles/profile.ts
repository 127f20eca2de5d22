/** A JSON value, as a request holds it. */
type Json = string | number | boolean | null | readonly Json[] | { readonly [member: string]: Json };

/** A named set of a subscription's settings, as a request would give them. Whatever a request says itself goes before. */
export interface Profile {
  readonly name: string;
  /** What gets such requests. */
  readonly description: string;
  readonly settings: { readonly [member: string]: Json };
}

/** What shows a profile at work. `npm run demo -- <profile>` plays it, and knows nothing else of the profile. */
export interface ProfileSample {
  /** What a subscription says beside the profile and its endpoint's `url`; `{{receiver}}` is the receiver's address. */
  readonly settings?: { readonly [member: string]: Json };
  /** CloudEvents, but for `specversion`, `id` and `source`, which whoever sends them adds. */
  readonly events: readonly SampleEvent[];
  /** What the receiver answers to a GET, by path. */
  readonly resources?: { readonly [path: string]: Json };
}

interface SampleEvent {
  readonly type: string;
  readonly data: Json;
  /** Others are text. */
  readonly [attribute: string]: Json;
}
