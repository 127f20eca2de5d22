import type { OrganizationId, SubscriptionId } from '../identity/ids.js';
import { compileTypePattern, isExactPattern, literalPrefix } from '../event/type-pattern.js';
import type { Subscription } from './subscription.js';

interface Wildcard {
  readonly matches: (type: string) => boolean;
  readonly subscription: Subscription;
}

/** One organization's subscriptions, by exact type and by what wildcards begin with. */
class OrganizationIndex {
  private readonly exact = new Map<string, Map<SubscriptionId, Subscription>>();
  /** By the segments in front of the first wildcard: of 100,000 patterns `tenant-7.*`, one is looked at. */
  private readonly wildcards = new Map<string, Map<SubscriptionId, Wildcard[]>>();

  add(subscription: Subscription): void {
    for (const pattern of new Set(subscription.settings.eventTypes)) {
      if (isExactPattern(pattern)) this.addExact(pattern, subscription);
      else this.addWildcard(pattern, subscription);
    }
  }

  remove(subscription: Subscription): void {
    for (const pattern of subscription.settings.eventTypes) {
      if (isExactPattern(pattern)) removeFrom(this.exact, pattern, subscription.id);
      else removeFrom(this.wildcards, literalPrefix(pattern), subscription.id);
    }
  }

  match(type: string): Subscription[] {
    const matched = new Map(this.exact.get(type));
    if (this.wildcards.size === 0) return [...matched.values()];
    this.matchWildcards('', type, matched);
    for (let end = type.indexOf('.'); end >= 0; end = type.indexOf('.', end + 1)) {
      this.matchWildcards(type.slice(0, end), type, matched);
    }
    this.matchWildcards(type, type, matched);
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
    const prefix = literalPrefix(pattern);
    const entries = this.wildcards.get(prefix) ?? new Map<SubscriptionId, Wildcard[]>();
    const wildcard = { matches: compileTypePattern(pattern), subscription };
    entries.set(subscription.id, [...(entries.get(subscription.id) ?? []), wildcard]);
    this.wildcards.set(prefix, entries);
  }

  private matchWildcards(prefix: string, type: string, matched: Map<SubscriptionId, Subscription>): void {
    const entries = this.wildcards.get(prefix);
    if (!entries) return;
    for (const [id, wildcards] of entries) {
      if (matched.has(id)) continue;
      const wildcard = wildcards.find((candidate) => candidate.matches(type));
      if (wildcard) matched.set(id, wildcard.subscription);
    }
  }
}

function removeFrom(index: Map<string, Map<SubscriptionId, unknown>>, key: string, id: SubscriptionId): void {
  const entries = index.get(key);
  entries?.delete(id);
  if (entries?.size === 0) index.delete(key);
}

/**
 * Which subscriptions want an event type: organization → exact type or wildcard. Inactive ones are found too, for the
 * log says who was skipped. Exact types cost one map look-up however many subscriptions there are, wildcards one for each
 * segment of the type, and those that begin with a wildcard are all looked at.
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
