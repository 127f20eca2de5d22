export { aDelivery, anEvent, asConsumed } from './builders/a-delivery.js';
export { NOW_MS, aDocument, aDueDelivery, aRecord, asRead, type DocumentPart } from './builders/due-work.js';
export { recordLogCases, type ConformanceCase, type RecordLogUnderTest } from './conformance/record-log-cases.js';
export { eventually, type EventuallyOptions } from './eventually.js';
export { freePort, isPortFree } from './free-port.js';
export { fetchKafka, isKafkaFetched, KAFKA_VERSION, type FetchOptions } from './local-kafka/artefacts.js';
export { makeClassDataArchive } from './local-kafka/class-data-archive.js';
export { LocalKafka, type LocalKafkaOptions } from './local-kafka/local-kafka.js';
export { LocalPostgres, type LocalPostgresOptions } from './local-postgres/local-postgres.js';
export { MissingToolError } from './missing-tool.js';
export { inTurn, perHeader, type Answer, type Reaction, type Script } from './receiver/answer.js';
export type { ReceivedRequest } from './receiver/received-request.js';
export { ScriptedReceiver } from './receiver/scripted-receiver.js';
export { localStateDir, workspaceRoot } from './workspace.js';
export { testDatabaseUrl, testKafkaBrokers } from './harness/test-settings.js';
export { findOwnProcess, stopForeignProcess, writePidFile, removePidFile } from './child/pid-file.js';
export { findJava, requireMaven } from './local-kafka/java.js';
export { keepAlive, type Crash, type Restartable } from './stack/keep-alive.js';
export { prepareBackends, republishConfiguration, type BackendSettings } from './stack/prepare-backends.js';
export { waitUntilReady } from './stack/readiness.js';
export type { ServicePorts, ServiceSettings } from './stack/service-environment.js';
export { ServiceHandle } from './stack/service-handle.js';
export { DEFAULT_PORTS, SERVICE_NAMES, type ServiceName } from './stack/service-names.js';
export {
  layOutServices,
  randomApiKey,
  randomEncryptionKeys,
  serviceEntry,
  startServices,
  type ServiceStack,
  type StackSettings,
} from './stack/start-services.js';
