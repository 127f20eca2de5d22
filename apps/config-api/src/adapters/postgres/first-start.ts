import { inTransaction } from '@hookstream/database';
import { DEFAULT_ORGANIZATION } from '@hookstream/domain';
import { type DataSource, type EntityManager, type EntitySchema, type ObjectLiteral } from 'typeorm';
import { ALL_GRANTS, newApiKey } from '../../core/api-keys/api-keys.js';
import { type OrganizationState } from '../../core/organizations/organizations.js';
import { announce } from './announce.js';
import { apiKeyRows, organizationRows, type StoredRow } from './rows.js';
import { deletedRows } from './stored-documents.js';

/**
 * Makes the default organization, and a platform-wide key where one is given. Repeated at every start and by every
 * replica: what is there stays as it is.
 */
export async function prepareFirstStart(
  dataSource: DataSource,
  bootstrapKey: string | undefined,
  now: Date,
): Promise<void> {
  await inTransaction(dataSource, async (manager) => {
    const organization: OrganizationState = {
      id: DEFAULT_ORGANIZATION,
      version: 1,
      name: 'Default',
      externalId: null,
      quotas: { subscriptions: null, eventTypes: null, apiKeys: null },
      startInactive: false,
      createdAt: now,
      updatedAt: now,
    };
    if (await insertIfMissing(manager, organizationRows, { ...organization })) {
      await announce(manager, organization);
    }

    if (bootstrapKey === undefined) return;
    const key = newApiKey(
      bootstrapKey,
      { name: 'bootstrap', organization: null, role: 'admin' as const, grants: ALL_GRANTS, expiresAt: null },
      now,
    );
    if (await insertIfMissing(manager, apiKeyRows, { ...key })) await announce(manager, key);
  });
}

async function insertIfMissing(
  manager: EntityManager,
  table: EntitySchema<StoredRow>,
  row: ObjectLiteral & { readonly id: string },
): Promise<boolean> {
  const query = manager.createQueryBuilder().insert().into(table).values(row).orIgnore().returning(['id']);
  const result: { readonly raw: unknown } = await query.execute();
  if (!Array.isArray(result.raw) || result.raw.length === 0) return false;
  // These have the same ids whenever they are made: one that was deleted is back.
  await manager.delete(deletedRows, { id: row.id });
  return true;
}
