import type { PayloadFormat } from './payload-format.js';

/** Several events of a subscription in one request. */
export interface BatchSettings {
  /** In one request, 2–1,000. */
  readonly maxEntries: number;
  /** How long the first of them waits for others, 0–5,000 ms. */
  readonly maxWaitMs: number;
}

/** The formats that have a shape for several events. */
export const BATCH_FORMATS = ['json', 'cloudevents-structured', 'template'] as const satisfies readonly PayloadFormat[];

export type BatchFormat = (typeof BATCH_FORMATS)[number];

export function isBatchFormat(format: PayloadFormat): format is BatchFormat {
  return BATCH_FORMATS.some((known) => known === format);
}
