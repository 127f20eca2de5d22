import { DataSource, type EntitySchema, type MigrationInterface } from 'typeorm';
import { type DatabaseLogger, type DatabaseSettings } from './settings.js';

export type Migrations = readonly (new () => MigrationInterface)[];

/** What a service keeps in its schema. A service with only raw statements has no entities. */
export interface DatabaseModel {
  readonly entities?: readonly (EntitySchema | (new () => object))[];
  readonly migrations: Migrations;
}

/** The server cancels first; this one is for a server that no longer answers. */
const CLIENT_GRACE_MS = 2_000;

const silent: DatabaseLogger = { info: () => undefined, warn: () => undefined };

/** Needs no quoting, in statements and in the search path. */
const SCHEMA_NAME = /^[a-z_][a-z0-9_]{0,62}$/;

/**
 * A data source over one schema. It opens nothing yet: see `connectDatabase`. A connection that breaks later is replaced
 * by the pool at its next use.
 *
 * @throws RangeError when the schema's name is not made of lower-case letters, digits and `_`
 */
export function createDataSource(
  settings: DatabaseSettings,
  model: DatabaseModel,
  logger: DatabaseLogger = silent,
): DataSource {
  if (!SCHEMA_NAME.test(settings.schema)) {
    throw new RangeError(`"${settings.schema}" cannot name a schema: use lower-case letters, digits and "_"`);
  }
  const statementTimeoutMs = settings.statementTimeoutMs ?? 10_000;
  return new DataSource({
    type: 'postgres',
    url: settings.url,
    schema: settings.schema,
    applicationName: settings.applicationName,
    poolSize: settings.poolSize ?? 10,
    connectTimeoutMS: settings.connectTimeoutMs ?? 5_000,
    entities: [...(model.entities ?? [])],
    migrations: [...model.migrations],
    migrationsTableName: 'migrations',
    installExtensions: false,
    logging: false,
    poolErrorHandler: (error: unknown) => logger.warn('a database connection was lost', { error: messageOf(error) }),
    extra: {
      options: `-c search_path=${settings.schema}`,
      keepAlive: true,
      ...(statementTimeoutMs > 0 && {
        statement_timeout: statementTimeoutMs,
        query_timeout: statementTimeoutMs + CLIENT_GRACE_MS,
      }),
    },
  });
}

export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && !error.message) return error.errors.map(messageOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}
