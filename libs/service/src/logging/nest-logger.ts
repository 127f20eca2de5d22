import { type LoggerService } from '@nestjs/common';
import { isError } from '../failure.js';
import { type ServiceLogger } from './service-logger.js';

/** Nest's own lines as ours. What it calls `log` is told once per route and module: debug to us. */
export class NestLogger implements LoggerService {
  constructor(private readonly logger: ServiceLogger) {}

  log(message: unknown, ...rest: unknown[]): void {
    this.logger.debug(...lineOf(message, rest));
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.logger.error(...lineOf(message, rest));
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.logger.warn(...lineOf(message, rest));
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.logger.error(...lineOf(message, rest));
  }

  debug(message: unknown, ...rest: unknown[]): void {
    this.logger.debug(...lineOf(message, rest));
  }

  verbose(message: unknown, ...rest: unknown[]): void {
    this.logger.debug(...lineOf(message, rest));
  }
}

function lineOf(message: unknown, rest: readonly unknown[]): [string, Record<string, unknown>] {
  const context = rest.at(-1);
  const fields = typeof context === 'string' ? { context } : {};
  if (isError(message)) return [message.message, { ...fields, error: message }];
  return typeof message === 'string' ? [message, fields] : ['Nest', { ...fields, told: message }];
}
