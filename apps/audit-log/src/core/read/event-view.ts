import type { EventView, RoutedEventView } from '@hookstream/log-api';
import { findJsonFault } from '@hookstream/rendering';
import { viewDelivery } from './delivery-view.js';
import type { LoggedDelivery, LoggedEvent, LoggedRouting } from './log-reader.js';

export function viewEvent({ contentType, dataSchema, receivedAt, ...event }: LoggedEvent): EventView {
  return {
    ...event,
    dataContentType: contentType,
    dataSchema,
    receivedAt: receivedAt.toISOString(),
  };
}

export interface WholeEvent {
  readonly event: LoggedEvent;
  readonly payload: Buffer;
  readonly routing: LoggedRouting | undefined;
  readonly matched: number;
  /** Newest first; `matched` tells how many there are. */
  readonly deliveries: readonly LoggedDelivery[];
}

/**
 * An event as JSON text: its data are the producer's own bytes where they are JSON, so that no number loses a digit, else
 * `data_base64`.
 */
export function renderWholeEvent({ event, payload, routing, matched, deliveries }: WholeEvent): string {
  const delivered = new Set(deliveries.map(({ subscription }) => subscription));
  const view: RoutedEventView = {
    ...viewEvent(event),
    /** Routed events have matched something, or the router said that they did not. */
    routed: routing !== undefined || matched > 0,
    matched,
    // A subscription that was skipped at first may have got the event when it was produced again.
    skipped: (routing?.skipped ?? []).filter(({ subscription }) => !delivered.has(subscription)),
    filterErrors: [...(routing?.filterErrors ?? [])],
    deliveries: deliveries.map(viewDelivery),
  };
  return `${JSON.stringify(view).slice(0, -1)},${dataMember(payload)}}`;
}

function dataMember(payload: Buffer): string {
  if (payload.length === 0) return '"data":null';
  if (findJsonFault(payload) === undefined) return `"data":${payload.toString('utf8')}`;
  return `"data_base64":"${payload.toString('base64')}"`;
}
