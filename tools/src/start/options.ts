import { parseArgs } from 'node:util';

export interface StartOptions {
  readonly help: boolean;
  /** All lines of the services instead of warnings and errors. */
  readonly verbose: boolean;
  /** Delete the local data first. */
  readonly reset: boolean;
  /** Do not ask before that. */
  readonly yes: boolean;
}

export const HELP = `npm start -- [options]

Installs, builds, starts a local Kafka and PostgreSQL (data in .hookstream/), creates topics and tables, starts the five
services and waits until all are ready. Ctrl-C stops everything; a second Ctrl-C does not wait.

  --verbose   show every line the services write, not only warnings and errors (.hookstream/log/ has them all)
  --reset     delete the local data, keys and logs first (asks before)
  --yes       do not ask
  --help      show this

  HOOKSTREAM_KAFKA_BROKERS   use these brokers (host:port, separated by commas) instead of a local Kafka
  HOOKSTREAM_DATABASE_URL    use this database (postgresql://…) instead of a local PostgreSQL
  Any other HOOKSTREAM_ setting is passed on to the services.
`;

/** Returns what is wrong as a text. */
export function parseOptions(args: readonly string[]): StartOptions | string {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        help: { type: 'boolean', short: 'h', default: false },
        verbose: { type: 'boolean', short: 'v', default: false },
        reset: { type: 'boolean', default: false },
        yes: { type: 'boolean', short: 'y', default: false },
      },
    });
    return values;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
