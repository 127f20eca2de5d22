import { renderJsonEnvelope } from './json-envelope.js';
import { type RenderableEvent, type RenderResult } from './renderable-event.js';

/** The shapes a subscription may ask for. */
export type PayloadFormat = 'json';

/**
 * Makes the body of a request. A pure function of its arguments: every attempt of a delivery gets the same bytes.
 *
 * A refusal is about the event's data, not about the receiver, and is the same on every attempt.
 */
export function renderPayload(format: PayloadFormat, event: RenderableEvent): RenderResult {
  switch (format) {
    case 'json':
      return renderJsonEnvelope(event);
  }
}
