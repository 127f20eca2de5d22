import {
  type ApiKeyDocument,
  type DeletedDocument,
  type EventTypeDocument,
  type OrganizationDocument,
} from '@hookstream/contracts';
import { type ApiKeyId, isId, type OrganizationId } from '@hookstream/domain';
import { type CheckedEvent, EventSchemas, type Violation } from '@hookstream/schemas';
import { type ConfigListener } from '@hookstream/service';
import { type ApiKeyDirectory, type KnownApiKey } from '../../core/api-keys/authenticator.js';
import { type OrganizationDirectory } from '../../core/organizations/organization-of-request.js';

/**
 * Keys and organizations as the `config` topic tells them, in memory: a request is authenticated, and an event taken,
 * without a database.
 */
export class KnownConfiguration implements ConfigListener, ApiKeyDirectory {
  private readonly keysByHash = new Map<string, KnownApiKey>();
  private readonly hashById = new Map<string, string>();
  private readonly organizations = new Map<string, OrganizationDocument>();
  private readonly schemas = new EventSchemas();
  private readonly idByExternalId = new Map<string, OrganizationId>();
  /** Deleted here; the topic may still bring them once. */
  private readonly revoked = new Set<string>();

  readonly organizationDirectory: OrganizationDirectory = {
    resolve: (reference) => Promise.resolve(this.resolve(reference)),
  };

  find(hash: string): KnownApiKey | undefined {
    return this.keysByHash.get(hash);
  }

  onApiKey({ id, organization, role, grants, hash, expiresAtMs }: ApiKeyDocument): void {
    if (this.revoked.has(id)) return;
    this.forgetKey(id);
    this.keysByHash.set(hash, { id, organization, role, grants, hash, expiresAtMs });
    this.hashById.set(id, hash);
  }

  onOrganization(document: OrganizationDocument): void {
    this.forgetOrganization(document.id);
    this.organizations.set(document.id, document);
    if (document.externalId !== null) this.idByExternalId.set(document.externalId, document.id);
  }

  onEventType(document: EventTypeDocument): void {
    this.schemas.set(document);
  }

  /** Where an event's data is not as its type declares. */
  violations(event: CheckedEvent, data: Buffer): readonly Violation[] {
    return this.schemas.violations(event, data);
  }

  onDeleted({ id }: DeletedDocument): void {
    this.schemas.delete(id);
    this.revoked.delete(id);
    this.forgetKey(id);
    this.forgetOrganization(id);
  }

  /** A key that was just deleted here is refused at once, whenever the topic brings the news. */
  revoke(id: ApiKeyId): void {
    this.revoked.add(id);
    this.forgetKey(id);
  }

  private resolve(reference: string): OrganizationId | undefined {
    if (isId('org', reference) && this.organizations.has(reference)) return reference;
    return this.idByExternalId.get(reference);
  }

  private forgetKey(id: string): void {
    const hash = this.hashById.get(id);
    if (hash !== undefined) this.keysByHash.delete(hash);
    this.hashById.delete(id);
  }

  private forgetOrganization(id: string): void {
    const externalId = this.organizations.get(id)?.externalId;
    // Another organization may have taken the external id meanwhile.
    if (typeof externalId === 'string' && this.idByExternalId.get(externalId) === id) {
      this.idByExternalId.delete(externalId);
    }
    this.organizations.delete(id);
  }
}
