import { Get } from '@nestjs/common';
import { ZodQuery } from '@hookstream/service';
import { z } from 'zod';
import { AUDIT_ACTIONS, AuditTrail, RESOURCE_KINDS, viewAuditEntry } from '../core/audit/audit-trail.js';
import { type Caller } from '../core/caller.js';
import { prose } from '../core/fields.js';
import { CallerOf } from './api-key.guard.js';
import { ConfigResource, tenantPageQuery, viewPage } from './config-resource.js';
import { valueOf } from './problem-of-rejection.js';

const time = z.iso
  .datetime({ offset: true, error: 'must be an RFC 3339 time such as 2026-01-31T12:00:00Z' })
  .transform((text) => new Date(text))
  .optional();

export const auditQuery = tenantPageQuery.extend({
  resource: prose(128).optional().meta({ description: 'Id of the thing that was changed.' }),
  kind: z.enum(RESOURCE_KINDS).optional(),
  action: z.enum(AUDIT_ACTIONS).optional(),
  actor: prose(128).optional().meta({ description: 'Id of an API key, or `system`.' }),
  from: time.meta({ description: 'Changes at or after this time.' }),
  to: time.meta({ description: 'Changes before this time.' }),
});

type AuditQuery = z.output<typeof auditQuery>;

@ConfigResource('v1/audit-trail')
export class AuditTrailController {
  constructor(private readonly trail: AuditTrail) {}

  @Get()
  async list(@CallerOf() caller: Caller, @ZodQuery(auditQuery) { organization, ...query }: AuditQuery) {
    return viewPage(valueOf(await this.trail.list(caller, organization, query)), viewAuditEntry);
  }
}
