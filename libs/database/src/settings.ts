/** One service's own place in PostgreSQL: its schema, and how many connections it may hold. */
export interface DatabaseSettings {
  /** `postgres://user:password@host:port/database`; `?sslmode=…` as libpq knows it. */
  readonly url: string;
  /** The schema this service owns; the first of the search path, so that statements need not name it. */
  readonly schema: string;
  /** Shown in `pg_stat_activity`. */
  readonly applicationName: string;
  /** Connections at most. Default 10. */
  readonly poolSize?: number;
  /** A statement above this is cancelled by the server. Milliseconds, default 10,000; migrations have no limit. */
  readonly statementTimeoutMs?: number;
  /** How long a connection may take to open, and how long a caller waits for a free one. Milliseconds, default 5,000. */
  readonly connectTimeoutMs?: number;
}

/** Where this library says what it sees. */
export interface DatabaseLogger {
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
}
