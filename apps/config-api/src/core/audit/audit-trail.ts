import { type OrganizationId } from '@hookstream/domain';
import { z } from 'zod';
import { type Caller } from '../caller.js';
import { type Page, type PageRequest, type Scope } from '../config-store.js';
import { type OrganizationDirectory, scopeOfList } from '../organizations/organization-of-request.js';
import { accepted, type Outcome } from '../outcome.js';

export const RESOURCE_KINDS = ['organization', 'subscription', 'api-key', 'source', 'event-type'] as const;
export type ResourceKind = (typeof RESOURCE_KINDS)[number];
export const AUDIT_ACTIONS = ['create', 'update', 'delete'] as const;
type AuditAction = (typeof AUDIT_ACTIONS)[number];

/** One change: kept in the transaction that made it, and never altered. */
export interface AuditEntry {
  readonly id: string;
  readonly at: Date;
  /** Whose thing was changed; `null`: the platform's. */
  readonly organization: OrganizationId | null;
  readonly actorKey: string | null;
  readonly actorRole: string;
  readonly address: string | null;
  readonly requestId: string | null;
  readonly action: AuditAction;
  readonly kind: ResourceKind;
  readonly resource: string;
  readonly version: number;
  /** JSON text of the thing, secrets as fingerprints; `null` where there was none. */
  readonly before: string | null;
  readonly after: string | null;
}

export interface AuditQuery extends PageRequest {
  readonly resource?: string | undefined;
  readonly kind?: ResourceKind | undefined;
  readonly action?: AuditAction | undefined;
  /** Id of an API key, or `system`. */
  readonly actor?: string | undefined;
  readonly from?: Date | undefined;
  readonly to?: Date | undefined;
}

export interface AuditLog {
  list(query: AuditQuery, scope: Scope): Promise<Page<AuditEntry>>;
}

/** Who changed what, when, from where. */
export class AuditTrail {
  constructor(
    private readonly log: AuditLog,
    private readonly organizations: OrganizationDirectory,
  ) {}

  async list(caller: Caller, organization: string | undefined, query: AuditQuery): Promise<Outcome<Page<AuditEntry>>> {
    const scope = await scopeOfList(caller, organization, this.organizations);
    return scope.ok ? accepted(await this.log.list(query, scope.value)) : scope;
  }
}

export const auditEntryView = z
  .object({
    id: z.string(),
    at: z.iso.datetime(),
    organization: z.string().nullable().meta({ description: 'Whose thing was changed; `null`: the platform’s.' }),
    actor: z.object({
      key: z.string().nullable().meta({ description: 'Id of the API key; `null`: Hookstream itself.' }),
      role: z.string(),
      address: z.string().nullable(),
    }),
    requestId: z.string().nullable().meta({ description: '`X-Request-Id` of the request, given or made.' }),
    action: z.enum(AUDIT_ACTIONS),
    resource: z.object({ kind: z.enum(RESOURCE_KINDS), id: z.string(), version: z.int() }),
    before: z.unknown().meta({ description: 'The thing as it was, secrets as fingerprints.', override: {} }),
    after: z.unknown().meta({ description: 'The thing as it is, secrets as fingerprints.', override: {} }),
  })
  .meta({ id: 'AuditEntry' });

export function viewAuditEntry(entry: AuditEntry): z.input<typeof auditEntryView> {
  const { id, at, organization, actorKey, actorRole, address, requestId, action, kind, resource, version } = entry;
  return {
    id,
    at: at.toISOString(),
    organization,
    actor: { key: actorKey, role: actorRole, address },
    requestId,
    action,
    resource: { kind, id: resource, version },
    before: entry.before === null ? null : JSON.parse(entry.before),
    after: entry.after === null ? null : JSON.parse(entry.after),
  };
}
