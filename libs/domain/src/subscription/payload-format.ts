import type { Hydration } from './hydration.js';
import type { BatchSettings } from './batch-settings.js';

/** The shapes that are made of an event alone. */
export const PLAIN_FORMATS = [
  'json',
  'raw',
  'form',
  'form-payload',
  'xml',
  'cloudevents-binary',
  'cloudevents-structured',
] as const;

/** The shapes in which a subscription may ask for its events. */
export const PAYLOAD_FORMATS = [...PLAIN_FORMATS, 'template'] as const;

/** Formats in which a subscription's template may be written, in place of the members they have else. */
export const WRITTEN_FORMATS = ['json', 'form', 'xml'] as const;

export type WrittenFormat = (typeof WRITTEN_FORMATS)[number];
export type PlainFormat = (typeof PLAIN_FORMATS)[number];
export type PayloadFormat = (typeof PAYLOAD_FORMATS)[number];

/** What a subscription's requests carry. */
export interface PayloadSettings {
  readonly format: PayloadFormat;
  /** JSONata; given with the format `template`, which sends what it gives, or with one of `WRITTEN_FORMATS`, which writes it. */
  readonly template?: string;
  /** Of what the template gives. Left out: that of JSON, or of plain text where it gives a string. */
  readonly contentType?: string;
  /** Where the entity is read that takes the place of the event's data, at each attempt; left out: the data is sent. */
  readonly hydrate?: Hydration;
  /** Left out: each event has a request of its own. */
  readonly batch?: BatchSettings;
}

export function isWrittenFormat(format: PayloadFormat): format is WrittenFormat {
  return WRITTEN_FORMATS.some((each) => each === format);
}
