import { Problem } from '@hookstream/service';
import { type Outcome, type Rejection } from '../core/outcome.js';

/** What was accepted. @throws Problem for what was not */
export function valueOf<T>(outcome: Outcome<T>): T {
  if (outcome.ok) return outcome.value;
  throw problemOfRejection(outcome.rejection);
}

/** A thing that may not be there. @throws Problem `not-found`, for what is not there and for what is not the caller's */
export function foundOr404<T>(found: T | undefined): T {
  if (found === undefined) throw problemOfRejection({ kind: 'not-found' });
  return found;
}

function problemOfRejection(rejection: Rejection): Problem {
  switch (rejection.kind) {
    case 'not-found':
      return new Problem('not-found');
    case 'version-mismatch':
      return new Problem('precondition-failed', {
        detail: `If-Match does not name version ${rejection.currentVersion}, the current one. Read it again and decide anew.`,
      });
    case 'conflict':
      return new Problem('conflict', { detail: rejection.detail });
    case 'forbidden':
      return new Problem('forbidden', { detail: rejection.detail });
    case 'field': {
      const { pointer, message } = rejection;
      return new Problem('invalid-request', { detail: `${pointer}: ${message}`, errors: [{ pointer, message }] });
    }
    case 'parameter': {
      const { parameter, message } = rejection;
      return new Problem('invalid-request', { detail: `${parameter}: ${message}`, errors: [{ parameter, message }] });
    }
    case 'unknown-reference': {
      const { parameter, message } = rejection;
      return new Problem('not-found', { detail: `${parameter}: ${message}`, errors: [{ parameter, message }] });
    }
    case 'schema':
      return new Problem('unprocessable', { detail: rejection.detail, errors: rejection.violations });
    case 'event': {
      const detail = `${rejection.reason}: ${rejection.detail}`;
      if (rejection.reason === 'oversize') return new Problem('payload-too-large', { detail });
      if (rejection.reason === 'loop') return new Problem('loop-detected', { detail });
      const errors = [{ pointer: `/${rejection.index}`, message: detail }];
      return new Problem('invalid-request', { detail, ...(rejection.index > 0 && { errors }) });
    }
  }
}
