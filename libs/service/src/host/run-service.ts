import { type DynamicModule, type Type } from '@nestjs/common';
import { type FastifyInstance } from 'fastify';
import { type RecordLog } from '@hookstream/kafka';
import { type z } from 'zod';
import { type ServiceLogger } from '../logging/service-logger.js';
import { type SettingsSchema } from '../settings/load-settings.js';
import { type ServiceSettings } from '../settings/service-settings.js';
import { type ServiceHost } from './service-host.js';

export interface ServiceDefinition<Schema extends SettingsSchema> {
  /** `router`, `dispatcher` …: Kafka client id, log field. */
  readonly name: string;
  /** `z.object({ ...serviceSettings({ port }), …own })` */
  readonly settings: Schema & z.ZodType<ServiceSettings>;
  /** The composition root: builds the parts from the host and names controllers and providers. */
  readonly module: (host: ServiceHost<z.output<Schema> & ServiceSettings>) => DynamicModule | Type;
  readonly http?: HttpOptions;
}

export interface HttpOptions {
  /** Largest body of a route without `@BodyLimit`. Default 256 KiB. */
  readonly bodyLimitBytes?: number;
  /** Further content-type parsers or hooks, before routes are made. */
  readonly configure?: (server: FastifyInstance) => void;
}

export interface RunningService {
  /** `http://127.0.0.1:8080`: where it listens. */
  readonly url: string;
  /** The whole graceful stop; rejects when `SHUTDOWN_TIMEOUT` passes. Repeated calls share one stop. */
  stop(): Promise<void>;
}

export interface StartOverrides {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly log?: RecordLog;
  readonly logger?: ServiceLogger;
}

/**
 * Starts a service inside this process and touches neither signals nor exit codes: for tests, and for `runService`.
 * Resolves when HTTP listens; Kafka and databases are waited for in the background.
 * @throws SettingsError
 */
export function startService<Schema extends SettingsSchema>(
  definition: ServiceDefinition<Schema>,
  overrides: StartOverrides = {},
): Promise<RunningService> {
  return Promise.reject(new Error(`not yet ${definition.name} ${typeof overrides}`));
}

/**
 * A service as a process. Exit codes: 0 after SIGTERM or SIGINT and a clean drain; 1 after a second signal, a drain
 * longer than `SHUTDOWN_TIMEOUT`, or a defect (unhandled rejection, uncaught exception); 2 for settings that cannot be used.
 */
export function runService<Schema extends SettingsSchema>(definition: ServiceDefinition<Schema>): Promise<void> {
  return Promise.reject(new Error(`not yet ${definition.name}`));
}
