import { type OrganizationDocument } from '@hookstream/contracts';
import { DEFAULT_ORGANIZATION, newId, type OrganizationId } from '@hookstream/domain';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { type Caller } from '../caller.js';
import { type ConfigStore, type ExpectedVersions, type Page, type PageRequest } from '../config-store.js';
import { line } from '../fields.js';
import { accepted, type Outcome, rejected } from '../outcome.js';

const quota = z.int().min(0).max(1_000_000).nullable().prefault(null);
const quotas = z.strictObject({ subscriptions: quota, eventTypes: quota, apiKeys: quota });

/** How many of each it may have; `null`: any number. */
export type Quotas = z.output<typeof quotas>;

export interface OrganizationState {
  readonly id: OrganizationId;
  readonly version: number;
  readonly name: string;
  readonly externalId: string | null;
  readonly quotas: Quotas;
  /** Whether its subscriptions are made inactive where the request does not say. */
  readonly startInactive: boolean;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export const organizationRequest = z
  .strictObject({
    name: line(200),
    externalId: z
      .string()
      .regex(/^[\x21-\x7e]{1,128}$/, 'must be 1 to 128 printable ASCII characters without spaces')
      .refine((text) => !text.startsWith('org_'), 'must not start with "org_", as ids do')
      .nullable()
      .prefault(null)
      .meta({ description: 'Your own id of it, unique; accepted wherever the id is.' }),
    quotas: quotas.prefault({}).meta({ description: 'How many of each it may have; `null`: any number.' }),
    startInactive: z
      .boolean()
      .prefault(false)
      .meta({ description: 'Subscriptions are made inactive unless their request says `active`.' }),
  })
  .meta({ id: 'OrganizationRequest' });

export type OrganizationRequest = z.output<typeof organizationRequest>;

export const organizationView = z
  .object({
    id: z.string(),
    version: z.int(),
    name: z.string(),
    externalId: z.string().nullable(),
    quotas: z.object({
      subscriptions: z.int().nullable(),
      eventTypes: z.int().nullable(),
      apiKeys: z.int().nullable(),
    }),
    startInactive: z.boolean(),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
  })
  .meta({ id: 'Organization' });

export function viewOrganization(state: OrganizationState): z.input<typeof organizationView> {
  return { ...state, createdAt: state.createdAt.toISOString(), updatedAt: state.updatedAt.toISOString() };
}

export function organizationDocument({ id, version, name, externalId }: OrganizationState): OrganizationDocument {
  return { kind: 'organization', id, version, name, externalId };
}

/** Tenants. Only platform-wide keys make, change and delete them; a bound key sees its own. */
export class Organizations {
  constructor(
    private readonly store: ConfigStore<OrganizationState>,
    private readonly now: () => Date,
  ) {}

  async create(caller: Caller, request: OrganizationRequest): Promise<Outcome<OrganizationState>> {
    if (caller.organization !== null) return onlyPlatformWide();
    const now = this.now();
    return this.store.insert(caller, { ...request, id: newId('org'), version: 1, createdAt: now, updatedAt: now });
  }

  find(caller: Caller, id: string): Promise<OrganizationState | undefined> {
    return this.store.find(id, caller.organization);
  }

  list(caller: Caller, page: PageRequest): Promise<Page<OrganizationState>> {
    return this.store.list({ ...page, scope: caller.organization });
  }

  async replace(
    caller: Caller,
    id: string,
    request: OrganizationRequest,
    expected: ExpectedVersions,
  ): Promise<Outcome<OrganizationState>> {
    if (caller.organization !== null && caller.organization !== id) return rejected({ kind: 'not-found' });
    if (caller.organization !== null) return onlyPlatformWide();
    return this.store.change(caller, id, null, expected, (state) => {
      const next = { ...state, ...request };
      if (isDeepStrictEqual(next, state)) return accepted(state);
      return accepted({ ...next, version: state.version + 1, updatedAt: this.now() });
    });
  }

  async remove(caller: Caller, id: string, expected: ExpectedVersions): Promise<Outcome<void>> {
    if (caller.organization !== null && caller.organization !== id) return rejected({ kind: 'not-found' });
    if (caller.organization !== null) return onlyPlatformWide();
    if (id === DEFAULT_ORGANIZATION) {
      return rejected({ kind: 'conflict', detail: 'The default organization cannot be deleted.' });
    }
    return this.store.remove(caller, id, null, expected);
  }
}

function onlyPlatformWide(): Outcome<never> {
  return rejected({ kind: 'forbidden', detail: 'Only a platform-wide key makes, changes and deletes organizations.' });
}
