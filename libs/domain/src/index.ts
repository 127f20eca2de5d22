export { PoisonRecord } from './errors.js';
export {
  DEFAULT_ORGANIZATION,
  isId,
  newId,
  type ApiKeyId,
  type AttemptId,
  type DeadLetterId,
  type DeliveryId,
  type EventId,
  type IdPrefix,
  type OrganizationId,
  type EventTypeId,
  type SourceId,
  type SubscriptionId,
} from './identity/ids.js';
export {
  attemptId,
  deadLetterId,
  deliveryId,
  eventIdFromOrigin,
  eventIdFromProducer,
  type RecordOrigin,
} from './identity/event-identity.js';
export { type EventAttributes, type HookEvent } from './event/event-attributes.js';
export { compileTypePattern, eventTypeProblem, MAX_TYPE_LENGTH, typePatternProblem } from './event/type-pattern.js';
export { formatDuration, parseDuration } from './subscription/duration.js';
export { type ClientCredentials, type EndpointAuth, type EndpointTls } from './subscription/endpoint-auth.js';
export { DEFAULT_FAILURE_POLICY, type FailureNotices, type FailurePolicy } from './subscription/failure-policy.js';
export { BATCH_FORMATS, isBatchFormat, type BatchFormat, type BatchSettings } from './subscription/batch-settings.js';
export { isFilter, type Filter, type WantedAttributes } from './subscription/filter.js';
export {
  type Hydration,
  type MissingEntity,
  type ResourceHydration,
  type TopicHydration,
} from './subscription/hydration.js';
export { orderingKeyOf, type Ordering } from './subscription/ordering.js';
export {
  PAYLOAD_FORMATS,
  PLAIN_FORMATS,
  WRITTEN_FORMATS,
  isWrittenFormat,
  type PayloadFormat,
  type PayloadSettings,
  type PlainFormat,
  type WrittenFormat,
} from './subscription/payload-format.js';
export { MD5_FORMATS, SIGNING_SCHEMES, type SigningScheme } from './subscription/signing-scheme.js';
export { isStatusPattern, matchesStatus, type StatusPattern } from './subscription/status-list.js';
export {
  DEFAULT_CONCURRENCY,
  DEFAULT_JITTER,
  DEFAULT_RETRY_SCHEDULE_MS,
  DEFAULT_TIMEOUT_MS,
  defaultMaxAgeMs,
  MAX_AGE_LIMIT_MS,
  type EndpointSettings,
  type RetryPolicy,
  type Subscription,
  type SubscriptionSettings,
} from './subscription/subscription.js';
export { PING_TYPE, type TestSettings } from './subscription/test-settings.js';
export {
  HANDSHAKE_TYPE,
  judgeHandshake,
  type HandshakeAgreement,
  type ValidationHandshake,
} from './subscription/validation-handshake.js';
export { SubscriptionIndex } from './subscription/subscription-index.js';
export {
  DELIVERY_STATES,
  isTerminal,
  stateRank,
  type CancelledReason,
  type DeliveryState,
  type ExhaustedReason,
  type TerminalState,
} from './delivery/delivery-state.js';
export { classifyResult, type AttemptResult, type Outcome } from './delivery/outcome.js';
export { MAX_RETRY_AFTER_MS, planNextAttempt, type FailedRun, type RetryPlan } from './delivery/retry-plan.js';
export { parseRetryAfter } from './delivery/retry-after.js';
