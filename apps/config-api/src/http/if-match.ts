import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { Problem } from '@hookstream/service';
import { type FastifyRequest } from 'fastify';
import { type ExpectedVersions } from '../core/config-store.js';

const ENTITY_TAG = /^"(\d{1,9})"$/;
const ANY_TAG = /^(?:W\/)?"[^"]*"$/;

/**
 * The versions that an `If-Match` header lets pass (RFC 9110 §13.1.1): any without the header or for `*`. A tag that is
 * not one of ours, or a weak one, never matches.
 *
 * @throws Problem for what is no list of entity tags
 */
export function expectedVersions(header: string | undefined): ExpectedVersions {
  if (header === undefined || header.trim() === '*') return undefined;
  const tags = header.split(',').map((tag) => tag.trim());
  if (!tags.every((tag) => ANY_TAG.test(tag))) {
    const message = 'must hold entity tags as the ETag header gives them, such as "3" with its quotes';
    throw new Problem('invalid-request', {
      detail: `If-Match: ${message}`,
      errors: [{ parameter: 'If-Match', message }],
    });
  }
  return tags.flatMap((tag) => {
    const version = ENTITY_TAG.exec(tag)?.[1];
    return version === undefined ? [] : [Number(version)];
  });
}

export function entityTag(version: number): string {
  return `"${version}"`;
}

/** The `If-Match` of a request. */
export const IfMatch = createParamDecorator((_: unknown, context: ExecutionContext) =>
  expectedVersions(context.switchToHttp().getRequest<FastifyRequest>().headers['if-match']),
);
