import { type OrganizationId } from '@hookstream/domain';
import { refusalOf } from '../api-keys/permissions.js';
import { type Actor, type Caller } from '../caller.js';
import { type OrganizationDirectory, organizationFor, scopeOfList } from '../organizations/organization-of-request.js';
import { accepted, type Outcome, type Rejection, rejected } from '../outcome.js';
import { type SubscriptionState } from '../subscriptions/subscription-state.js';
import { type ApplyDocument } from './apply-document.js';
import { type Plan, type Present } from './changes.js';
import { planChanges, type PlanParts } from './plan-changes.js';

/** An organization's whole configuration, read and written in one transaction. */
export interface ConfigurationStore {
  read(organization: OrganizationId): Promise<Present>;
  /**
   * Hands over what is there, which nobody else changes meanwhile, and does what `plan` says, all or nothing; nothing at
   * all where `dryRun`.
   */
  apply(
    by: Actor,
    organization: OrganizationId,
    dryRun: boolean,
    plan: (present: Present) => Promise<Outcome<Plan>>,
  ): Promise<Outcome<Plan>>;
}

interface ConfigurationParts extends PlanParts {
  readonly store: ConfigurationStore;
  readonly organizations: OrganizationDirectory;
  /** Why a caller may not make such a change of a subscription; `before` is undefined for a new one. */
  readonly refused: (
    caller: Caller,
    before: SubscriptionState | undefined,
    after: SubscriptionState,
  ) => Rejection | undefined;
}

export interface ApplyOptions {
  readonly dryRun: boolean;
  readonly prune: boolean;
}

export interface Applied {
  readonly organization: OrganizationId;
  readonly plan: Plan;
}

/** Configuration as one document. */
export class Configuration {
  constructor(private readonly parts: ConfigurationParts) {}

  async apply(caller: Caller, document: ApplyDocument, { dryRun, prune }: ApplyOptions): Promise<Outcome<Applied>> {
    const organization = await organizationFor(caller, document.organization, this.parts.organizations);
    if (!organization.ok) return organization;
    const planned = await this.parts.store.apply(caller, organization.value, dryRun, async (present) => {
      const plan = await planChanges({ organization: organization.value, document, prune }, present, this.parts);
      if (!plan.ok) return plan;
      const detail = refusal(caller, plan.value);
      if (detail !== undefined) return rejected({ kind: 'forbidden', detail });
      const refused = this.refusedOf(caller, plan.value);
      return refused ? rejected(refused) : plan;
    });
    return planned.ok ? accepted({ organization: organization.value, plan: planned.value }) : planned;
  }

  private refusedOf(caller: Caller, { subscriptions }: Plan): Rejection | undefined {
    for (const change of subscriptions) {
      if (change.action === 'delete') continue;
      const before = change.action === 'update' ? change.before : undefined;
      const refused = this.parts.refused(caller, before, change.after);
      if (refused) return refused;
    }
    return undefined;
  }

  async read(caller: Caller, reference: string | undefined): Promise<Outcome<Present & Pick<Applied, 'organization'>>> {
    const named = await scopeOfList(caller, reference, this.parts.organizations);
    if (!named.ok) return named;
    const organization = named.value ?? 'org_default';
    return accepted({ organization, ...(await this.parts.store.read(organization)) });
  }
}

/** An editor may apply what its grants let it do one by one. */
function refusal(caller: Caller, { eventTypes, subscriptions }: Plan): string | undefined {
  const actions = new Set([...eventTypes, ...subscriptions].map(({ action }) => action));
  const needs = { create: 'create', update: 'edit', delete: 'delete' } as const;
  for (const action of actions) {
    const detail = refusalOf(caller, needs[action]);
    if (detail !== undefined) return detail;
  }
  return undefined;
}
