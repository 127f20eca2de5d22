import type { OrganizationId, SubscriptionId } from '../identity/ids.js';
import { compileTypePattern, isExactPattern } from '../event/type-pattern.js';
import type { Subscription } from './subscription.js';

interface Wildcard {
  readonly matches: (type: string) => boolean;
  readonly subscription: Subscription;
}

/** One organization's subscriptions, by exact type and by wildcard. */
class OrganizationIndex {
  private readonly exact = new Map<string, Map<SubscriptionId, Subscription>>();
  private readonly wildcards = new Map<SubscriptionId, Wildcard[]>();

  add(subscription: Subscription): void {
    for (const pattern of new Set(subscription.settings.eventTypes)) {
      if (isExactPattern(pattern)) this.addExact(pattern, subscription);
      else this.addWildcard(pattern, subscription);
    }
  }

  remove(subscription: Subscription): void {
    for (const pattern of subscription.settings.eventTypes) {
      const entries = this.exact.get(pattern);
      entries?.delete(subscription.id);
      if (entries?.size === 0) this.exact.delete(pattern);
    }
    this.wildcards.delete(subscription.id);
  }

  match(type: string): Subscription[] {
    const matched = new Map(this.exact.get(type));
    for (const [id, wildcards] of this.wildcards) {
      if (matched.has(id)) continue;
      const wildcard = wildcards.find((candidate) => candidate.matches(type));
      if (wildcard) matched.set(id, wildcard.subscription);
    }
    return [...matched.values()];
  }

  get empty(): boolean {
    return this.exact.size === 0 && this.wildcards.size === 0;
  }

  private addExact(type: string, subscription: Subscription): void {
    const entries = this.exact.get(type);
    if (entries) entries.set(subscription.id, subscription);
    else this.exact.set(type, new Map([[subscription.id, subscription]]));
  }

  private addWildcard(pattern: string, subscription: Subscription): void {
    const wildcard = { matches: compileTypePattern(pattern), subscription };
    this.wildcards.set(subscription.id, [...(this.wildcards.get(subscription.id) ?? []), wildcard]);
  }
}

/**
 * Which subscriptions want an event type: organization → exact type or wildcard. Inactive ones are found too, for the
 * log says who was skipped. Exact types cost one map look-up however many subscriptions there are.
 */
export class SubscriptionIndex {
  private readonly byId = new Map<SubscriptionId, Subscription>();
  private readonly byOrganization = new Map<OrganizationId, OrganizationIndex>();

  /** Puts a subscription in the place of its former version. */
  set(subscription: Subscription): void {
    this.delete(subscription.id);
    this.byId.set(subscription.id, subscription);
    const index = this.byOrganization.get(subscription.organization) ?? new OrganizationIndex();
    this.byOrganization.set(subscription.organization, index);
    index.add(subscription);
  }

  delete(id: SubscriptionId): void {
    const former = this.byId.get(id);
    if (!former) return;
    this.byId.delete(id);
    const index = this.byOrganization.get(former.organization);
    index?.remove(former);
    if (index?.empty) this.byOrganization.delete(former.organization);
  }

  match(organization: OrganizationId, type: string): Subscription[] {
    return this.byOrganization.get(organization)?.match(type) ?? [];
  }

  get size(): number {
    return this.byId.size;
  }
}
