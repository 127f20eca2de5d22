export { headerBytes, headerText, type ConsumedRecord, type OutgoingRecord, type RecordHeaders } from './record.js';
export {
  DEFAULT_TOPIC_PREFIX,
  DELAY_LEVELS,
  topicNames,
  type DelayLevelTopic,
  type Topics,
} from './topics/topic-names.js';
export {
  DEFAULT_MAX_EVENT_BYTES,
  INTERNAL_OVERHEAD_BYTES,
  topicSpecs,
  type TopicSizing,
  type TopicSpec,
} from './topics/topic-specs.js';
export { decodeEventAttributes, encodeEventAttributes, TRACEPARENT_HEADER } from './deliveries/event-header.js';
export {
  decodeDelivery,
  decodeWaiting,
  encodeDelivery,
  type Delivery,
  type DeliveryReason,
  type WaitingDelivery,
} from './deliveries/delivery-record.js';
export {
  decodeReport,
  decodeSettlement,
  encodeReport,
  withoutSettling,
  type AttemptReport,
  type DeliveryReport,
  type EndingReport,
  type Settlement,
} from './deliveries/delivery-report.js';
export { handshakeOrigin } from './deliveries/handshake-delivery.js';
export { decodeRoutedBatch, encodeRoutedBatch, type RoutedBatch, type RoutedEvent } from './deliveries/routed-batch.js';
export {
  decodeDeadLetter,
  encodeDeadLetter,
  type DeadLetter,
  type DeadLetterCause,
  type DeadLetterWithValue,
} from './deliveries/dead-letter.js';
export { fittingDeadLetter } from './deliveries/fitting-dead-letter.js';
export {
  parseEncryptionKeys,
  SecretBox,
  type EncryptionKey,
  type SealedSecret,
  type SecretOwner,
} from './config/sealed-secret.js';
export { mapSealed, sealedIn } from './config/sealed-settings.js';
export {
  DEFAULT_MAPPING,
  decodeConfigDocument,
  changedAtMsOf,
  encodeConfigDocument,
  encodeForgotten,
  sourceMappingSchema,
  subscriptionSettingsSchema,
  type ApiKeyDocument,
  type ConfigDocument,
  type DeletedDocument,
  type EventTypeDocument,
  type OrganizationDocument,
  type Place,
  type SourceDocument,
  type SourceMapping,
  type SubscriptionDocument,
} from './config/config-documents.js';
export { decodeCommand, encodeCommand, type Command } from './config/command.js';
export {
  decodeEndpointState,
  encodeEndpointState,
  forgetEndpointState,
  type EndpointState,
} from './config/endpoint-state.js';
export { endpointBar, OVERFLOW_VALID_MS, type EndpointBar } from './config/endpoint-bar.js';
export { decodeIngress, MAX_ATTRIBUTE_BYTES, type IngressOptions } from './ingress/decode-ingress.js';
export { deliveredExtensions, HOPS_HEADER, nextHops } from './ingress/hop-count.js';
export { splitJsonArray } from './ingress/json-array.js';
export { encodeBinaryCloudEvent, type ProducedEvent } from './ingress/encode-cloud-event.js';
export { IngressSources } from './ingress/ingress-sources.js';
