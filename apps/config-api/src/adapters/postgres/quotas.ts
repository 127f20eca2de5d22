import { type OrganizationId } from '@hookstream/domain';
import { type EntityManager, type EntitySchema } from 'typeorm';
import { type Quotas } from '../../core/organizations/organizations.js';
import { type Rejection } from '../../core/outcome.js';
import { organizationRows, type StoredRow } from './rows.js';
import { organizationMapping } from './table-mappings.js';

export type QuotaName = keyof Quotas;

interface Addition {
  readonly quota: QuotaName;
  readonly table: EntitySchema<StoredRow>;
  readonly organization: OrganizationId;
  /** How many are to be added. */
  readonly adding: number;
}

/**
 * Whether an organization may not have so many more. Where it has a quota, others who add wait until this transaction
 * ends, so that two of them never both take the last place.
 */
export async function exceededQuota(
  manager: EntityManager,
  { quota, table, organization, adding }: Addition,
): Promise<Rejection | undefined> {
  const row = await manager.findOneBy(organizationRows, { id: organization });
  const limit = row && organizationMapping.state.parse(row).quotas[quota];
  if (limit === null || limit === undefined) return undefined;
  await manager.query('SELECT 1 FROM organizations WHERE id = $1 FOR NO KEY UPDATE', [organization]);
  const present = await manager.countBy(table, { organization });
  if (present + adding <= limit) return undefined;
  return {
    kind: 'conflict',
    detail: `The organization's quota "${quota}" is ${limit}, and it has ${present}. Delete some, or have the quota raised.`,
  };
}
