import type { DeletedDocument, OrganizationDocument } from '@hookstream/contracts';
import type { OrganizationId } from '@hookstream/domain';

/** Which organization a record means by an id or by the id its owner gave it. */
export class Organizations {
  private readonly documents = new Map<string, OrganizationDocument>();
  private readonly byExternalId = new Map<string, OrganizationId>();

  onOrganization(document: OrganizationDocument): void {
    this.onDeleted(document);
    this.documents.set(document.id, document);
    if (document.externalId !== null) this.byExternalId.set(document.externalId, document.id);
  }

  onDeleted({ id }: Pick<DeletedDocument, 'id'>): void {
    const known = this.documents.get(id);
    if (!known) return;
    this.documents.delete(id);
    if (known.externalId !== null && this.byExternalId.get(known.externalId) === id) {
      this.byExternalId.delete(known.externalId);
    }
  }

  onForgotten(id: string): void {
    this.onDeleted({ id });
  }

  /** An id goes before an external id that is spelt like one. */
  resolve(idOrExternalId: string): OrganizationId | undefined {
    return this.documents.get(idOrExternalId)?.id ?? this.byExternalId.get(idOrExternalId);
  }
}
