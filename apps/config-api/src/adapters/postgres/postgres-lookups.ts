import { tellingTransientErrors } from '@hookstream/database';
import { type OrganizationId } from '@hookstream/domain';
import { type DataSource } from 'typeorm';
import { type ApiKeyState } from '../../core/api-keys/api-keys.js';
import { type ApiKeyDirectory, type KnownApiKey } from '../../core/api-keys/authenticator.js';
import { type OrganizationDirectory } from '../../core/organizations/organization-of-request.js';
import { apiKeyRows, organizationRows } from './rows.js';
import { apiKeyMapping, organizationMapping } from './table-mappings.js';

/** Keys as they were committed, also those that the `config` topic has not brought yet. */
export class PostgresApiKeyDirectory implements ApiKeyDirectory {
  constructor(private readonly dataSource: DataSource) {}

  async find(hash: string): Promise<KnownApiKey | undefined> {
    const row = await tellingTransientErrors(() => this.dataSource.manager.findOneBy(apiKeyRows, { hash }));
    return row ? known(apiKeyMapping.state.parse(row)) : undefined;
  }
}

export class PostgresOrganizationDirectory implements OrganizationDirectory {
  constructor(private readonly dataSource: DataSource) {}

  async resolve(idOrExternalId: string): Promise<OrganizationId | undefined> {
    const row = await tellingTransientErrors(() =>
      this.dataSource.manager.findOneBy(organizationRows, [{ id: idOrExternalId }, { externalId: idOrExternalId }]),
    );
    return row ? organizationMapping.state.parse(row).id : undefined;
  }
}

function known({ id, organization, role, grants, hash, expiresAt }: ApiKeyState): KnownApiKey {
  return { id, organization, role, grants, hash, expiresAtMs: expiresAt?.getTime() ?? null };
}
