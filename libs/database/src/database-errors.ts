import {
  CannotExecuteNotConnectedError,
  ConnectionIsNotSetError,
  QueryFailedError,
  QueryRunnerAlreadyReleasedError,
} from 'typeorm';

/** SQLSTATE classes and codes after which the same work may succeed. */
const TRANSIENT_CLASSES = ['08', '53', '57P'] as const;
const TRANSIENT_CODES = new Set([
  '40001', // serialization_failure
  '40P01', // deadlock_detected
  '55P03', // lock_not_available
  '57014', // query_canceled: our statement timeout
  '25006', // read_only_sql_transaction: a standby was dialled during a fail-over
]);
const CONFLICT_CODES = new Set(['40001', '40P01']);

export interface ViolatedConstraint {
  readonly kind: 'unique' | 'foreign-key';
  /** Of the constraint or the unique index. */
  readonly name: string;
}

const CONSTRAINT_KINDS: Readonly<Record<string, ViolatedConstraint['kind']>> = {
  '23505': 'unique',
  '23503': 'foreign-key',
};

const NETWORK_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT', // a Unix socket that is not there yet
]);
/** pg gives these no code. */
const CONNECTION_MESSAGES =
  /^(Connection terminated|Client has encountered a connection error|Query read timeout|timeout exceeded when trying to connect|timeout expired|Client was closed|Cannot use a pool after calling end|Driver not Connected)/i;

/** Whether the database was away or busy, so that the same statement may succeed later. */
export function isTransientDatabaseError(error: unknown): boolean {
  const cause = driverError(error);
  const code = codeOf(cause);
  if (code !== undefined) {
    return (
      NETWORK_CODES.has(code) ||
      TRANSIENT_CODES.has(code) ||
      TRANSIENT_CLASSES.some((prefix) => code.startsWith(prefix))
    );
  }
  if (cause instanceof AggregateError) return cause.errors.some(isTransientDatabaseError);
  if (!(cause instanceof Error)) return false;
  return CONNECTION_MESSAGES.test(cause.message) || isUnconnected(cause);
}

/** Whether two transactions met: the whole of this one may be done again at once. */
export function isTransactionConflict(error: unknown): boolean {
  return CONFLICT_CODES.has(codeOf(driverError(error)) ?? '');
}

/** The rule of the schema that refused a row; `undefined` for any other error. */
export function violatedConstraint(error: unknown): ViolatedConstraint | undefined {
  const cause = driverError(error);
  const kind = CONSTRAINT_KINDS[codeOf(cause) ?? ''];
  return kind && { kind, name: textOf(cause, 'constraint') ?? '' };
}

function driverError(error: unknown): unknown {
  return error instanceof QueryFailedError ? error.driverError : error;
}

function codeOf(error: unknown): string | undefined {
  return textOf(error, 'code');
}

/** TypeORM's own errors before the first connection was made, or after one was lost within a transaction. */
function isUnconnected(error: Error): boolean {
  return (
    error instanceof CannotExecuteNotConnectedError ||
    error instanceof ConnectionIsNotSetError ||
    error instanceof QueryRunnerAlreadyReleasedError
  );
}

function textOf(error: unknown, property: string): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const value: unknown = Reflect.get(error, property);
  return typeof value === 'string' ? value : undefined;
}
