import { RouteConfig } from '@nestjs/platform-fastify';

/** Largest body of one route, in bytes; above it the answer is 413 and tells the limit. */
export function BodyLimit(bytes: number): MethodDecorator {
  return RouteConfig({ bodyLimitBytes: bytes });
}
