import { randomUUID } from 'node:crypto';
import { type CanActivate, createParamDecorator, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { Problem } from '@hookstream/service';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { Authenticator } from '../core/api-keys/authenticator.js';
import { type Need, refusalOf } from '../core/api-keys/permissions.js';
import { type Caller } from '../core/caller.js';
import { needOf, NEEDS } from './needs.js';

const callers = new WeakMap<FastifyRequest, Caller>();
const REQUEST_ID = /^[\w.:-]{1,64}$/;
const READING = new Set(['GET', 'HEAD']);

/** @throws Problem `unauthorized`, or `forbidden` where the key's role does not go so far */
export async function authenticated(
  authenticator: Authenticator,
  request: FastifyRequest,
  reply: FastifyReply,
  need: Need,
): Promise<Caller> {
  const authentication = await authenticator.authenticate(request.headers.authorization);
  if (!authentication.ok) throw new Problem('unauthorized', { detail: authentication.detail });
  const given = request.headers['x-request-id'];
  const requestId = typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID();
  void reply.header('X-Request-Id', requestId);
  const caller = { ...authentication.caller, address: request.ip, requestId };
  const detail = refusalOf(caller, need);
  if (detail !== undefined) throw new Problem('forbidden', { detail });
  return caller;
}

@Injectable()
export class ApiKeyGuard implements CanActivate {
  constructor(
    private readonly authenticator: Authenticator,
    private readonly reflector: Reflector,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const need = this.needOf(context, request.method);
    callers.set(request, await authenticated(this.authenticator, request, http.getResponse<FastifyReply>(), need));
    return true;
  }

  private needOf(context: ExecutionContext, method: string): Need {
    const ofRoute = this.reflector.get<Need | undefined>(NEEDS, context.getHandler());
    if (ofRoute) return ofRoute;
    const ofWrites = this.reflector.get<Need | undefined>(NEEDS, context.getClass());
    return ofWrites && !READING.has(method) ? ofWrites : needOf(method);
  }
}

/** The caller of a route behind `ApiKeyGuard`. */
export const CallerOf = createParamDecorator((_: unknown, context: ExecutionContext): Caller => {
  const caller = callers.get(context.switchToHttp().getRequest<FastifyRequest>());
  if (!caller) throw new Error('a route asks for its caller without the guard that knows it');
  return caller;
});
