import { createLogger, type ServiceLogger } from '../logging/service-logger.js';
import { type SettingsSchema } from '../settings/settings-schema.js';
import { SettingsError } from '../settings/settings-error.js';
import { type RunningService } from './running-host.js';
import { nodeProcess, type ServiceProcess } from './service-process.js';
import { startService, type ServiceDefinition, type StartOverrides } from './start-service.js';

const EXIT = { stopped: 0, failed: 1, unusableSettings: 2 } as const;

/**
 * A service as a process. Exit codes: 0 after SIGTERM or SIGINT and a clean drain; 1 after a second signal, a drain
 * longer than `SHUTDOWN_TIMEOUT`, or a defect (unhandled rejection, uncaught exception); 2 for settings that cannot be used.
 * @param overrides for tests, as is `around`
 */
export async function runService<Schema extends SettingsSchema>(
  definition: ServiceDefinition<Schema>,
  overrides: StartOverrides = {},
  around: ServiceProcess = nodeProcess,
): Promise<void> {
  const logger = overrides.logger ?? createLogger({ service: definition.name, level: 'info' });
  around.onDefect((error) => {
    logger.error('defect: the process exits', { error });
    around.exit(EXIT.failed);
  });
  const starting = startService(definition, overrides);
  stopOnSignal(starting, logger, around);
  try {
    await starting;
  } catch (error) {
    if (error instanceof SettingsError) {
      error.problems.forEach((problem) => around.writeError(problem));
      return around.exit(EXIT.unusableSettings);
    }
    logger.error('cannot start', { error });
    around.exit(EXIT.failed);
  }
}

function stopOnSignal(starting: Promise<RunningService>, logger: ServiceLogger, around: ServiceProcess): void {
  let stopping = false;
  around.onSignal(['SIGTERM', 'SIGINT'], (signal) => {
    if (stopping) {
      logger.error('second signal: the process exits without draining', { signal });
      return around.exit(EXIT.failed);
    }
    stopping = true;
    starting
      .then((service) => service.stop())
      .then(
        () => around.exit(EXIT.stopped),
        (error: unknown) => {
          logger.error('stopped uncleanly', { error });
          around.exit(EXIT.failed);
        },
      );
  });
}
