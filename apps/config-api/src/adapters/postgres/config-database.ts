import { type DatabaseModel } from '@hookstream/database';
import { ConfigSchema1780000000000 } from './migrations/config-schema.js';
import { PauseColumns1781000000000 } from './migrations/pause-columns.js';
import { auditRows } from './audit-log.js';
import { AuditTrail1783000000000 } from './migrations/audit-trail.js';
import { RequestNames1785000000000 } from './migrations/request-names.js';
import { RolesAndQuotas1784000000000 } from './migrations/roles-and-quotas.js';
import { DirtySet1786500000000 } from './migrations/dirty-set.js';
import { InactiveSince1787500000000 } from './migrations/inactive-since.js';
import { OwedPings1788700000000 } from './migrations/owed-pings.js';
import { EventTypes1782000000000 } from './migrations/event-types.js';
import { apiKeyRows, eventTypeRows, organizationRows, sourceRows, subscriptionRows } from './rows.js';
import { deletedRows } from './stored-documents.js';

/** The tables of this service, and how they came to be. */
export const configDatabase: DatabaseModel = {
  entities: [organizationRows, subscriptionRows, apiKeyRows, sourceRows, eventTypeRows, auditRows, deletedRows],
  migrations: [
    ConfigSchema1780000000000,
    PauseColumns1781000000000,
    EventTypes1782000000000,
    AuditTrail1783000000000,
    RolesAndQuotas1784000000000,
    RequestNames1785000000000,
    DirtySet1786500000000,
    InactiveSince1787500000000,
    OwedPings1788700000000,
  ],
};
