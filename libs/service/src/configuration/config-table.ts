import {
  type ApiKeyDocument,
  type DeletedDocument,
  type OrganizationDocument,
  type SourceDocument,
  type SubscriptionDocument,
} from '@hookstream/contracts';
import { type RecordLog } from '@hookstream/kafka';
import { type ServiceLogger } from '../logging/service-logger.js';
import { type Metrics } from '../metrics/metrics.js';

/** Told of each document that is newer than what was known of its id, in log order. Must not throw: that is a defect. */
export interface ConfigListener {
  onSubscription?(document: SubscriptionDocument): void;
  onOrganization?(document: OrganizationDocument): void;
  onSource?(document: SourceDocument): void;
  onApiKey?(document: ApiKeyDocument): void;
  /** Something was deleted: what waits for it is to be cancelled. */
  onDeleted?(document: DeletedDocument): void;
  /** The tombstone, 30 days after the deletion: nothing may be kept of the id. */
  onForgotten?(id: string): void;
  /** Once, when everything written before the start has been handed over. */
  onReady?(): void;
}

export interface ConfigTableParts {
  readonly log: Pick<RecordLog, 'table'>;
  readonly topic: string;
  readonly logger: ServiceLogger;
  readonly metrics: Metrics;
  readonly listeners: readonly ConfigListener[];
}

/** The configuration in force, read from the compacted topic and followed. */
export class ConfigTable {
  constructor(readonly parts: ConfigTableParts) {}

  /** Resolves when everything written before the start has been handed over; waits for a missing broker or topic. */
  start(): Promise<void> {
    return Promise.reject(new Error('not yet'));
  }

  close(): Promise<void> {
    return Promise.reject(new Error('not yet'));
  }

  isReady(): boolean {
    return false;
  }

  /** When the last answered fetch was sent, by `performance.now()`; for fencing. */
  lastFetchCompletedAtMs(): number | undefined {
    return undefined;
  }

  /** Version in force; also of a deleted document, until its tombstone. */
  versionOf(id: string): number | undefined {
    throw new Error(`not yet ${id}`);
  }

  /** Next offset to read, per partition: everything below is in force. */
  positions(): ReadonlyMap<number, number> {
    return new Map();
  }
}
