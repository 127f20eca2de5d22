import type { EndpointAuth } from './endpoint-auth.js';

/** What is sent where the entity of an event is gone: `null` in its place, or nothing, and the delivery is a dead letter. */
export type MissingEntity = 'null' | 'dead-letter';

/** The entity is what a GET of its resource answers. */
export interface ResourceHydration {
  /** With places for what the event says, such as `{{event.subject}}`. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Left out: requests do not show whom they come from. */
  readonly auth?: EndpointAuth;
  /** One deadline over all phases of the GET, 100–10,000 ms. */
  readonly timeoutMs: number;
  /** How long an answer serves other attempts; 0: not at all. */
  readonly cacheMs: number;
  readonly notFound: MissingEntity;
}

/** The entity is the newest value of its key in a compacted topic. */
export interface TopicHydration {
  readonly topic: string;
  /** With places for what the event says. */
  readonly key: string;
  readonly notFound: MissingEntity;
}

/** Where the entity that an event is about is read, at each attempt. */
export type Hydration = ResourceHydration | TopicHydration;
