/** The shapes in which a subscription may ask for its events. */
export const PAYLOAD_FORMATS = ['json', 'raw', 'form', 'xml', 'cloudevents-binary', 'cloudevents-structured'] as const;

export type PayloadFormat = (typeof PAYLOAD_FORMATS)[number];
