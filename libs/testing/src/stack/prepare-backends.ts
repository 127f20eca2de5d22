import { join } from 'node:path';
import { runCommandOrThrow } from '../child/run-command.js';
import { workspaceRoot } from '../workspace.js';
import { serviceEnvironment, type ServiceSettings } from './service-environment.js';
import { DEFAULT_PORTS, type ServiceName } from './service-names.js';

export interface BackendSettings extends ServiceSettings {
  /** Of every partitioned topic; decided once and for all. Default 12. */
  readonly topicPartitions?: number;
  /** Default 1. */
  readonly topicReplication?: number;
  /** Ends the preparation, which then throws. */
  readonly signal?: AbortSignal;
}

/** Makes topics and tables, by the services' own commands; does nothing where they are there. */
export async function prepareBackends(settings: BackendSettings): Promise<void> {
  await Promise.all([createTopics(settings), migrate('config-api', settings), migrate('audit-log', settings)]);
}

/** Has all configuration written to its topic again, beside what runs; tells how far it is. */
export async function republishConfiguration(
  settings: BackendSettings,
  onLine: (line: string) => void = () => undefined,
): Promise<void> {
  await runScript('Publishing the configuration', 'config-api', 'republish.js', settings, {}, onLine);
}

async function createTopics(settings: BackendSettings): Promise<void> {
  await runScript('Creating the topics', 'config-api', 'topics.js', settings, {
    HOOKSTREAM_TOPIC_PARTITIONS: String(settings.topicPartitions ?? 12),
    HOOKSTREAM_TOPIC_REPLICATION: String(settings.topicReplication ?? 1),
  });
}

async function migrate(service: ServiceName, settings: BackendSettings): Promise<void> {
  await runScript(`Migrating the tables of ${service}`, service, 'migrate.js', settings, {});
}

async function runScript(
  what: string,
  service: ServiceName,
  script: string,
  settings: BackendSettings,
  more: Record<string, string>,
  onLine: (line: string) => void = () => undefined,
): Promise<void> {
  await runCommandOrThrow(what, {
    command: process.execPath,
    args: ['--enable-source-maps', join(workspaceRoot(), 'apps', service, 'dist', script)],
    env: { ...serviceEnvironment(service, settings, DEFAULT_PORTS, process.env), ...more },
    ...(settings.signal && { signal: settings.signal }),
    onLine,
  });
}
