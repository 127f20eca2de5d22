import { applyDecorators, Controller, UseGuards, UseInterceptors } from '@nestjs/common';
import { z } from 'zod';
import { isCursor } from '../core/cursor.js';
import { type Page } from '../core/config-store.js';
import { organizationReference } from '../core/fields.js';
import { ApiKeyGuard } from './api-key.guard.js';
import { PropagationInterceptor } from './propagation.interceptor.js';
import { ResourceHeadersInterceptor } from './resource-headers.interceptor.js';

/** A controller of one kind of configuration: behind a key, with its headers, answered when in force. */
export function ConfigResource(path: string): ClassDecorator {
  return applyDecorators(
    Controller(path),
    UseGuards(ApiKeyGuard),
    UseInterceptors(ResourceHeadersInterceptor, PropagationInterceptor),
  );
}

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 200;

export const pageQuery = z.strictObject({
  limit: z.coerce
    .number('must be a number')
    .int('must be a whole number')
    .min(1, 'must be at least 1')
    .max(MAX_LIMIT, `must be at most ${MAX_LIMIT}`)
    .prefault(DEFAULT_LIMIT)
    .meta({ description: `Items of a page, 1 to ${MAX_LIMIT}; ${DEFAULT_LIMIT} by default.` }),
  cursor: z
    .string()
    .refine(isCursor, 'must be the nextCursor of an earlier answer')
    .optional()
    .meta({ description: '`nextCursor` of the page before.' }),
});

export const tenantPageQuery = pageQuery.extend({
  organization: organizationReference.optional(),
});

export type PageQuery = z.output<typeof pageQuery>;
export type TenantPageQuery = z.output<typeof tenantPageQuery>;

export function viewPage<State, View>(page: Page<State>, view: (state: State) => View) {
  return { data: page.items.map(view), nextCursor: page.nextCursor };
}
