import { type CanActivate, createParamDecorator, type ExecutionContext, Injectable } from '@nestjs/common';
import { Problem } from '@hookstream/service';
import { type FastifyRequest } from 'fastify';
import { Authenticator } from '../core/api-keys/authenticator.js';
import { type Caller } from '../core/caller.js';

const callers = new WeakMap<FastifyRequest, Caller>();

/** @throws Problem `unauthorized` */
export async function authenticated(authenticator: Authenticator, request: FastifyRequest): Promise<Caller> {
  const authentication = await authenticator.authenticate(request.headers.authorization);
  if (authentication.ok) return authentication.caller;
  throw new Problem('unauthorized', { detail: authentication.detail });
}

@Injectable()
export class ApiKeyGuard implements CanActivate {
  constructor(private readonly authenticator: Authenticator) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    callers.set(request, await authenticated(this.authenticator, request));
    return true;
  }
}

/** The caller of a route behind `ApiKeyGuard`. */
export const CallerOf = createParamDecorator((_: unknown, context: ExecutionContext): Caller => {
  const caller = callers.get(context.switchToHttp().getRequest<FastifyRequest>());
  if (!caller) throw new Error('a route asks for its caller without the guard that knows it');
  return caller;
});
