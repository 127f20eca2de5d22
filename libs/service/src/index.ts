export { runService } from './host/run-service.js';
export { startService, type ServiceDefinition, type StartOverrides } from './host/start-service.js';
export { type RunningService } from './host/running-host.js';
export { type HttpOptions } from './host/http-server.js';
export { SERVICE_HOST, type ServiceHost } from './host/service-host.js';
export { between, type FailPoint } from './fail-points/fail-points.js';
export { type Lifecycle } from './host/lifecycle.js';
export { loadSettings, type LoadedSettings } from './settings/load-settings.js';
export { SETTINGS_PREFIX, type SettingsSchema } from './settings/settings-schema.js';
export { describeSettings, type SettingDescription } from './settings/describe-settings.js';
export { bytes, duration, flag, integer, list, oneOf, secret, text } from './settings/setting-types.js';
export { kafkaSettingsOf, serviceSettings, type ServiceSettings } from './settings/service-settings.js';
export { SettingsError } from './settings/settings-error.js';
export { createLogger, type LogFields, type LoggerOptions, type ServiceLogger } from './logging/service-logger.js';
export { Metrics } from './metrics/metrics.js';
export { ReadinessRegistry, type ReadinessCheck, type ReadinessReport } from './readiness/readiness-registry.js';
export {
  Problem,
  PROBLEMS,
  type ProblemBody,
  type ProblemDetails,
  type ProblemError,
  type ProblemSlug,
} from './problems/problem.js';
export { parseBody, ZodBody, ZodParams, ZodQuery } from './problems/zod-body.js';
export { readIdempotencyKey } from './problems/idempotency-key.js';
export { parseStrictJson } from './problems/strict-json.js';
export { answerProblem, sendProblem } from './problems/answer-problem.js';
export { BodyLimit } from './problems/body-limit.js';
export { BatchPattern } from './batch/batch-pattern.js';
export { BatchTransport, type BatchTransportOptions, type BatchTransportParts } from './batch/batch-transport.js';
export { type PatternTopics } from './batch/topic-routes.js';
export { ConfigTable, type ConfigListener, type ConfigTableParts } from './configuration/config-table.js';
export { EndpointStateTable, type EndpointStateTableParts } from './endpoints/endpoint-state-table.js';
export { sourceListener } from './configuration/source-listener.js';
