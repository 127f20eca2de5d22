import { createParamDecorator, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Problem } from '@hookstream/service';
import type { Caller } from '../core/access/caller.js';
import { KeyRing } from '../core/access/key-ring.js';

/** What of a request the guard looks at. */
interface KeyedRequest {
  readonly headers: { readonly authorization?: string };
}

const callers = new WeakMap<KeyedRequest, Caller>();

/** Lets only those in whose key may read the log. */
@Injectable()
export class CallerGuard implements CanActivate {
  constructor(private readonly keys: KeyRing) {}

  canActivate(context: ExecutionContext): boolean {
    const request = requestOf(context);
    const admission = this.keys.admit(request.headers.authorization, Date.now());
    if (admission.kind !== 'admitted') throw new Problem(admission.kind, { detail: admission.detail });
    callers.set(request, admission.caller);
    return true;
  }
}

/** The caller of a route behind `CallerGuard`. */
export const CallerOf = createParamDecorator((_: unknown, context: ExecutionContext): Caller => {
  const caller = callers.get(requestOf(context));
  if (!caller) throw new Error('a route asks for its caller without the guard that knows it');
  return caller;
});

function requestOf(context: ExecutionContext): KeyedRequest {
  return context.switchToHttp().getRequest<KeyedRequest>();
}
