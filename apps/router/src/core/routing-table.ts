import { EventSchemas, type Violation } from '@hookstream/schemas';
import {
  isId,
  SubscriptionIndex,
  type EventAttributes,
  type HookEvent,
  type OrganizationId,
  type Subscription,
} from '@hookstream/domain';
import { SubscriptionFilters } from '@hookstream/filters';
import type {
  DeletedDocument,
  EventTypeDocument,
  OrganizationDocument,
  SubscriptionDocument,
} from '@hookstream/contracts';

/** The configuration that matching needs, in memory: it is fed by the `config` topic, and no database is asked. */
export class RoutingTable {
  private readonly subscriptions = new SubscriptionIndex();
  private readonly schemas = new EventSchemas();
  private readonly filters = new Map<string, SubscriptionFilters>();
  private readonly externalIds = new Map<OrganizationId, string | null>();
  private readonly byExternalId = new Map<string, OrganizationId>();

  onSubscription({ kind: _kind, sealedSecrets: _secrets, ...subscription }: SubscriptionDocument): void {
    this.subscriptions.set(subscription);
    const { filters } = subscription.settings;
    if (filters) this.filters.set(subscription.id, new SubscriptionFilters(filters));
    else this.filters.delete(subscription.id);
  }

  onOrganization({ id, externalId }: OrganizationDocument): void {
    this.removeOrganization(id);
    this.externalIds.set(id, externalId);
    if (externalId !== null) this.byExternalId.set(externalId, id);
  }

  onEventType(document: EventTypeDocument): void {
    this.schemas.set(document);
  }

  onDeleted({ id }: DeletedDocument): void {
    this.onForgotten(id);
  }

  onForgotten(id: string): void {
    if (isId('sub', id)) {
      this.subscriptions.delete(id);
      this.filters.delete(id);
    }
    if (isId('org', id)) this.removeOrganization(id);
    if (isId('typ', id)) this.schemas.delete(id);
  }

  violations({ attributes, data }: HookEvent): readonly Violation[] {
    return this.schemas.violations(attributes, data);
  }

  /** Subscriptions of the event's organization that want its type, inactive ones too. */
  match({ organization, type }: Pick<EventAttributes, 'organization' | 'type'>): readonly Subscription[] {
    return this.subscriptions.match(organization, type);
  }

  /** What else a subscription asks of an event; undefined when nothing. */
  filtersOf({ id }: Pick<Subscription, 'id'>): SubscriptionFilters | undefined {
    return this.filters.get(id);
  }

  /** An id goes before an external id that is spelt like one. */
  resolveOrganization(idOrExternalId: string): OrganizationId | undefined {
    if (isId('org', idOrExternalId) && this.externalIds.has(idOrExternalId)) return idOrExternalId;
    return this.byExternalId.get(idOrExternalId);
  }

  private removeOrganization(id: OrganizationId): void {
    const externalId = this.externalIds.get(id);
    this.externalIds.delete(id);
    // It may have been given to another organization since.
    if (typeof externalId === 'string' && this.byExternalId.get(externalId) === id)
      this.byExternalId.delete(externalId);
  }
}
