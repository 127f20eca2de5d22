import { type DynamicModule, Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { connectKafka, type RecordLog } from '@hookstream/kafka';
import { type z } from 'zod';
import { codeOf } from '../failure.js';
import { dieAt } from '../fail-points/die.js';
import { FailPoints } from '../fail-points/fail-points.js';
import { NestLogger } from '../logging/nest-logger.js';
import { createLogger, type ServiceLogger } from '../logging/service-logger.js';
import { ProblemFilter } from '../problems/problem-filter.js';
import { loadSettings } from '../settings/load-settings.js';
import { type SettingsSchema } from '../settings/settings-schema.js';
import { kafkaSettingsOf, type ServiceSettings } from '../settings/service-settings.js';
import { SettingsError } from '../settings/settings-error.js';
import { BuildingHost } from './building-host.js';
import { createHttpServer, type HttpOptions } from './http-server.js';
import { ReadinessWatch } from './readiness-watch.js';
import { RunningHost, type RunningService } from './running-host.js';
import { SERVICE_HOST, type ServiceHost } from './service-host.js';

export interface ServiceDefinition<Schema extends SettingsSchema> {
  /** `router`, `dispatcher` …: Kafka client id, log field. */
  readonly name: string;
  /** `z.object({ ...serviceSettings({ port }), …own })` */
  readonly settings: Schema & z.ZodType<ServiceSettings>;
  /** The composition root: builds the parts from the host and names controllers and providers. */
  readonly module: (host: ServiceHost<z.output<Schema> & ServiceSettings>) => DynamicModule | Type;
  readonly http?: HttpOptions;
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
export async function startService<Schema extends SettingsSchema>(
  definition: ServiceDefinition<Schema>,
  overrides: StartOverrides = {},
): Promise<RunningService> {
  const { env = process.env } = overrides;
  const { settings, warnings } = loadSettings(definition.settings, env);
  const logger = overrides.logger ?? createLogger({ service: definition.name, level: settings.LOG_LEVEL });
  for (const warning of warnings) logger.warn(warning);
  const failPoints = new FailPoints({ armed: settings.FAIL_POINT, environment: env['NODE_ENV'], die: dieAt });

  const log = overrides.log ?? connectKafka(kafkaSettingsOf(settings, definition.name, logger));
  const host = new BuildingHost({ name: definition.name, settings, logger, log, failPoints });
  host.metrics.collectProcessMetrics();
  const app = await createApplication(HostModule.around(definition.module(host), host), host, definition.http ?? {});
  failPoints.assertNamed();

  const running = new RunningHost(host, app, new ReadinessWatch(host.readiness, logger));
  await listen(app, settings);
  running.begin(await app.getUrl());
  return running;
}

@Module({})
class HostModule {
  /** Makes the host injectable everywhere. */
  static around(module: DynamicModule | Type, host: ServiceHost): DynamicModule {
    const provider = { provide: SERVICE_HOST, useValue: host };
    return { module: HostModule, global: true, imports: [module], providers: [provider], exports: [provider] };
  }
}

async function createApplication(module: DynamicModule, host: BuildingHost<ServiceSettings>, http: HttpOptions) {
  const { adapter, allowedMethods } = createHttpServer(http, host);
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    logger: new NestLogger(host.logger),
    abortOnError: false,
    // Nest's own would also take forms.
    bodyParser: false,
  });
  app.useGlobalFilters(new ProblemFilter(host.logger, allowedMethods));
  for (const strategy of host.transports) app.connectMicroservice({ strategy }, { inheritAppConfig: true });
  for (const transport of host.transports) transport.assertHandled();
  return app;
}

async function listen(app: NestFastifyApplication, { HOST, PORT }: ServiceSettings): Promise<void> {
  try {
    await app.listen(PORT, HOST);
  } catch (error) {
    await app.close();
    const code = codeOf(error);
    if (code === 'EADDRINUSE')
      throw new SettingsError([
        `HOOKSTREAM_PORT: ${HOST}:${PORT} is in use; stop what listens there or set another port`,
      ]);
    if (code === 'EADDRNOTAVAIL' || code === 'EACCES')
      throw new SettingsError([`HOOKSTREAM_HOST, HOOKSTREAM_PORT: cannot listen on ${HOST}:${PORT} (${code})`]);
    throw error;
  }
}
