import { type Logger } from '@hookstream/kafka';
import { type DestinationStream } from 'pino';

export type LogFields = Readonly<Record<string, unknown>>;

/** JSON lines on stdout. One wide event per unit of work is the habit; secret-looking keys are redacted. */
export interface ServiceLogger extends Logger {
  /** A logger whose lines all carry these fields. */
  child(fields: LogFields): ServiceLogger;
}

export interface LoggerOptions {
  readonly service: string;
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  /** Default: stdout. */
  readonly destination?: DestinationStream;
}

export function createLogger(options: LoggerOptions): ServiceLogger {
  throw new Error(`not yet: ${options.service}`);
}
