import { describe, expect, it } from '@jest/globals';
import { CannotExecuteNotConnectedError, QueryFailedError } from 'typeorm';
import { isTransactionConflict, isTransientDatabaseError, violatedConstraint } from './database-errors.js';

const coded = (code: string, more: object = {}) => Object.assign(new Error(code), { code, ...more });
const failed = (error: Error) => new QueryFailedError('SELECT 1', [], error);

describe('database errors', () => {
  it.each(['08006', '57P01', '57P03', '53300', '40001', '40P01', '57014', 'ECONNREFUSED', 'ECONNRESET'])(
    'calls %s transient, alone and within a failed query',
    (code) => {
      expect(isTransientDatabaseError(coded(code))).toBe(true);
      expect(isTransientDatabaseError(failed(coded(code)))).toBe(true);
    },
  );

  it.each(['23505', '42P01', '28P01', '3D000', '22P02'])('does not call %s transient', (code) => {
    expect(isTransientDatabaseError(failed(coded(code)))).toBe(false);
  });

  it.each([
    'Connection terminated unexpectedly',
    'timeout exceeded when trying to connect',
    'Query read timeout',
    'Client has encountered a connection error and is not queryable',
  ])('knows the error without a code: %s', (message) => {
    expect(isTransientDatabaseError(failed(new Error(message)))).toBe(true);
  });

  it('calls a refusal on every address of a host transient', () => {
    expect(isTransientDatabaseError(new AggregateError([coded('ECONNREFUSED'), coded('ECONNREFUSED')]))).toBe(true);
  });

  it('calls a data source that was never connected transient', () => {
    expect(isTransientDatabaseError(new CannotExecuteNotConnectedError())).toBe(true);
  });

  it('does not call a defect of ours transient', () => {
    expect(isTransientDatabaseError(new TypeError('x is undefined'))).toBe(false);
    expect(isTransientDatabaseError(undefined)).toBe(false);
  });

  it('tells a deadlock from a lost connection', () => {
    expect(isTransactionConflict(failed(coded('40P01')))).toBe(true);
    expect(isTransactionConflict(failed(coded('08006')))).toBe(false);
  });

  it('names the constraint that a row violates', () => {
    const constraint = 'organizations_external_id';
    expect(violatedConstraint(failed(coded('23505', { constraint })))).toEqual({ kind: 'unique', name: constraint });
    expect(violatedConstraint(failed(coded('23503', { constraint })))?.kind).toBe('foreign-key');
    expect(violatedConstraint(failed(coded('22P02')))).toBeUndefined();
  });
});
