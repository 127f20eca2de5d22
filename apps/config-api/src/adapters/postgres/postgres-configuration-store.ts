import { inTransaction, tellingTransientErrors } from '@hookstream/database';
import { type OrganizationId } from '@hookstream/domain';
import { type DataSource, type EntityManager } from 'typeorm';
import { type Change, type Plan, type Present } from '../../core/apply/changes.js';
import { type ConfigurationStore } from '../../core/apply/configuration.js';
import { type Actor } from '../../core/caller.js';
import { type EventTypeState } from '../../core/event-types/event-type-state.js';
import { type OrganizationState } from '../../core/organizations/organizations.js';
import { accepted, type Outcome, type Rejection, rejected } from '../../core/outcome.js';
import { type SubscriptionState } from '../../core/subscriptions/subscription-state.js';
import { type PostgresConfigStore } from './postgres-config-store.js';

interface ConfigurationStores {
  readonly organizations: PostgresConfigStore<OrganizationState>;
  readonly subscriptions: PostgresConfigStore<SubscriptionState>;
  readonly eventTypes: PostgresConfigStore<EventTypeState>;
}

class Refused extends Error {
  constructor(readonly rejection: Rejection) {
    super('rolled back, as the configuration is refused');
  }
}

export class PostgresConfigurationStore implements ConfigurationStore {
  constructor(
    private readonly dataSource: DataSource,
    private readonly stores: ConfigurationStores,
  ) {}

  read(organization: OrganizationId): Promise<Present> {
    return tellingTransientErrors(() =>
      this.dataSource.transaction('REPEATABLE READ', (manager) => this.present(manager, organization, 'read')),
    );
  }

  async apply(
    by: Actor,
    organization: OrganizationId,
    dryRun: boolean,
    plan: (present: Present) => Promise<Outcome<Plan>>,
  ): Promise<Outcome<Plan>> {
    try {
      return await inTransaction(this.dataSource, async (manager) => {
        // One document of an organization at a time: two could make the same thing twice.
        await manager.query('SELECT 1 FROM organizations WHERE id = $1 FOR NO KEY UPDATE', [organization]);
        const planned = await plan(await this.present(manager, organization, dryRun ? 'read' : 'lock'));
        if (!planned.ok || dryRun) return planned;
        await this.write(manager, by, organization, planned.value);
        return accepted(planned.value);
      });
    } catch (error) {
      if (error instanceof Refused) return rejected(error.rejection);
      throw error;
    }
  }

  private async write(manager: EntityManager, by: Actor, owner: OrganizationId, plan: Plan): Promise<void> {
    const { eventTypes, subscriptions } = this.stores;
    const refused =
      (await eventTypes.exceeding(manager, owner, growth(plan.eventTypes))) ??
      (await subscriptions.exceeding(manager, owner, growth(plan.subscriptions)));
    if (refused) throw new Refused(refused);
    await eventTypes.writeAll(manager, by, plan.eventTypes);
    await subscriptions.writeAll(manager, by, plan.subscriptions);
  }

  private async present(manager: EntityManager, organization: OrganizationId, mode: 'read' | 'lock'): Promise<Present> {
    const { organizations, subscriptions, eventTypes } = this.stores;
    return {
      startInactive: (await organizations.find(organization, null))?.startInactive ?? false,
      eventTypes: await eventTypes.all(manager, organization, mode),
      subscriptions: await subscriptions.all(manager, organization, mode),
    };
  }
}

function growth(changes: readonly Change<unknown>[]): number {
  const count = (action: Change<unknown>['action']) => changes.filter((change) => change.action === action).length;
  return count('create') - count('delete');
}
