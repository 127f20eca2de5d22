import { type Logger } from '@hookstream/kafka';
import { pino, stdTimeFunctions, type DestinationStream, type Logger as PinoLogger } from 'pino';
import { redactedFields } from './redact.js';

export type LogFields = Readonly<Record<string, unknown>>;

/** JSON lines on stdout. One wide event per unit of work is the habit; secret-looking keys are redacted. */
export interface ServiceLogger extends Logger {
  /** A logger whose lines all carry these fields. */
  child(fields: LogFields): ServiceLogger;
}

export interface LoggerOptions {
  readonly service: string;
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  /** Default: stdout. Lines are written at once: an exit loses none. */
  readonly destination?: DestinationStream;
}

export function createLogger(options: LoggerOptions): ServiceLogger {
  const settings = {
    level: options.level,
    base: { service: options.service },
    messageKey: 'message',
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (level: string) => ({ level }) },
  };
  return new PinoServiceLogger(options.destination ? pino(settings, options.destination) : pino(settings));
}

class PinoServiceLogger implements ServiceLogger {
  constructor(private readonly pino: PinoLogger) {}

  debug(message: string, fields?: LogFields): void {
    if (this.pino.isLevelEnabled('debug')) this.pino.debug(redactedFields(fields ?? {}), message);
  }

  info(message: string, fields?: LogFields): void {
    if (this.pino.isLevelEnabled('info')) this.pino.info(redactedFields(fields ?? {}), message);
  }

  warn(message: string, fields?: LogFields): void {
    if (this.pino.isLevelEnabled('warn')) this.pino.warn(redactedFields(fields ?? {}), message);
  }

  error(message: string, fields?: LogFields): void {
    this.pino.error(redactedFields(fields ?? {}), message);
  }

  child(fields: LogFields): ServiceLogger {
    return new PinoServiceLogger(this.pino.child({ ...redactedFields(fields) }));
  }
}
