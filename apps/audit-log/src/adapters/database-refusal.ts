import { QueryFailedError } from 'typeorm';
import { RowsRefused } from '../core/ingest/write-units.js';
import { UnfitValue } from './binary-array.js';

/** SQLSTATE classes that blame the rows: cardinality, data exception, integrity constraint, program limit (an entry too long). */
const DATA_CLASSES = ['21', '22', '23', '54'] as const;
const CHECK_VIOLATION = '23514';

/** The refusal of rows that can never be stored; `undefined` for an error that is not the rows' fault. */
export function refusalOf(error: unknown): RowsRefused | undefined {
  if (error instanceof UnfitValue)
    return new RowsRefused(`a column cannot hold it: ${error.message}`, { cause: error });
  const code = sqlStateOf(error);
  if (!code || !DATA_CLASSES.some((prefix) => code.startsWith(prefix))) return undefined;
  // The server's own words quote the values.
  return new RowsRefused(`the database refuses it with SQLSTATE ${code}`, { cause: error });
}

/** "no partition of relation found for row" is a check violation without a constraint. No table of the log has checks. */
export function isMissingPartition(error: unknown): boolean {
  return sqlStateOf(error) === CHECK_VIOLATION;
}

function sqlStateOf(error: unknown): string | undefined {
  if (!(error instanceof QueryFailedError)) return undefined;
  const code: unknown = Reflect.get(error.driverError, 'code');
  return typeof code === 'string' ? code : undefined;
}
