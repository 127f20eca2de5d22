import { createLogger, type ServiceLogger } from '../logging/service-logger.js';
import { type SettingsSchema } from '../settings/load-settings.js';
import { SettingsError } from '../settings/settings-error.js';
import { type RunningService } from './running-host.js';
import { startService, type ServiceDefinition } from './start-service.js';

const EXIT = { stopped: 0, failed: 1, unusableSettings: 2 } as const;

/**
 * A service as a process. Exit codes: 0 after SIGTERM or SIGINT and a clean drain; 1 after a second signal, a drain
 * longer than `SHUTDOWN_TIMEOUT`, or a defect (unhandled rejection, uncaught exception); 2 for settings that cannot be used.
 */
export async function runService<Schema extends SettingsSchema>(definition: ServiceDefinition<Schema>): Promise<void> {
  const logger = createLogger({ service: definition.name, level: 'info' });
  // Node sends an unhandled rejection here too.
  process.on('uncaughtException', (error, origin) => {
    logger.error('defect: the process exits', { error, origin });
    process.exit(EXIT.failed);
  });
  const starting = startService(definition);
  stopOnSignal(starting, logger);
  try {
    await starting;
  } catch (error) {
    if (error instanceof SettingsError) {
      for (const problem of error.problems) process.stderr.write(`${problem}\n`);
      process.exit(EXIT.unusableSettings);
    }
    logger.error('cannot start', { error });
    process.exit(EXIT.failed);
  }
}

function stopOnSignal(starting: Promise<RunningService>, logger: ServiceLogger): void {
  let stopping = false;
  const onSignal = (signal: NodeJS.Signals) => {
    if (stopping) {
      logger.error('second signal: the process exits without draining', { signal });
      process.exit(EXIT.failed);
    }
    stopping = true;
    starting
      .then((service) => service.stop())
      .then(
        () => process.exit(EXIT.stopped),
        (error: unknown) => {
          logger.error('stopped uncleanly', { error });
          process.exit(EXIT.failed);
        },
      );
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
}
