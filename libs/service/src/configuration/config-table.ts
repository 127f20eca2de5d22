import {
  changedAtMsOf,
  decodeConfigDocument,
  type ApiKeyDocument,
  type ConfigDocument,
  type ConsumedRecord,
  type DeletedDocument,
  type EventTypeDocument,
  type OrganizationDocument,
  type SourceDocument,
  type SubscriptionDocument,
} from '@hookstream/contracts';
import { PoisonRecord } from '@hookstream/domain';
import { type RecordLog, type TableReader } from '@hookstream/kafka';
import { type Counter } from 'prom-client';
import { type ServiceLogger } from '../logging/service-logger.js';
import { type Metrics } from '../metrics/metrics.js';
import { ConfigurationAge } from './configuration-age.js';

/** Told of each document that is newer than what was known of its id, in log order. Must not throw: that is a defect. */
export interface ConfigListener {
  onSubscription?(document: SubscriptionDocument): void;
  onOrganization?(document: OrganizationDocument): void;
  onSource?(document: SourceDocument): void;
  onApiKey?(document: ApiKeyDocument): void;
  onEventType?(document: EventTypeDocument): void;
  /** Something was deleted: what waits for it is to be cancelled. */
  onDeleted?(document: DeletedDocument): void;
  /** The tombstone, 30 days after the deletion: nothing may be kept of the id. */
  onForgotten?(id: string): void;
  /** Once, when everything written before the start has been handed over. */
  onReady?(): void;
  /** Each record that can be read, also one that is not newer than what was known; `null`: a tombstone. Told first. */
  onRecord?(record: ConsumedRecord, document: ConfigDocument | null): void;
  /** What was read may be in the topic no more; what is there follows again. Everything stays in force. */
  onEmptied?(): void;
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
  readonly #versions = new Map<string, number>();
  readonly #reader: TableReader;
  readonly #poison: Counter;
  readonly #age: ConfigurationAge;

  constructor(private readonly parts: ConfigTableParts) {
    const { log, topic, metrics, listeners } = parts;
    this.#reader = log.table({
      topic,
      onRecord: (id, record) => this.#apply(id, record),
      onRestart: () => listeners.forEach((listener) => listener.onEmptied?.()),
      onReady: () => listeners.forEach((listener) => listener.onReady?.()),
    });
    this.#poison = metrics.counter('config_poison_total', 'Configuration records that could not be decoded');
    this.#age = new ConfigurationAge(metrics);
    const [versions, reader] = [this.#versions, this.#reader];
    metrics.gauge('config_documents', 'Configuration documents in force, deleted ones included', {
      collect() {
        this.set(versions.size);
      },
    });
    metrics.gauge('config_offset', 'Next offset of the configuration topic to be applied', {
      labelNames: ['partition'],
      collect() {
        for (const [partition, offset] of reader.position()) this.set({ partition }, offset);
      },
    });
  }

  /** Resolves when everything written before the start has been handed over; waits for a missing broker or topic. */
  async start(): Promise<void> {
    await this.#reader.start();
    await this.#reader.ready;
    this.parts.logger.info('configuration read', { documents: this.#versions.size });
  }

  close(): Promise<void> {
    return this.#reader.close();
  }

  isReady(): boolean {
    return this.#reader.isReady();
  }

  /** When the last answered fetch was sent, by `performance.now()`; for fencing. */
  lastFetchCompletedAtMs(): number | undefined {
    return this.#reader.lastFetchCompletedAt();
  }

  /** Version in force; also of a deleted document, until its tombstone. */
  versionOf(id: string): number | undefined {
    return this.#versions.get(id);
  }

  /** Next offset to read, per partition: everything below is in force. */
  positions(): ReadonlyMap<number, number> {
    return this.#reader.position();
  }

  #apply(id: string, record: ConsumedRecord): void {
    const document = this.#decode(record);
    if (document === undefined) return;
    for (const listener of this.parts.listeners) listener.onRecord?.(record, document);
    if (document === null) {
      if (this.#versions.delete(id)) this.parts.listeners.forEach((listener) => listener.onForgotten?.(id));
      return;
    }
    const known = this.#versions.get(id);
    if (known !== undefined && document.version <= known) return;
    // The version is remembered last: a listener that throws gets the document again.
    for (const listener of this.parts.listeners) notify(listener, document);
    this.#versions.set(id, document.version);
    this.#age.inForce(changedAtMsOf(record), this.#reader.isReady());
  }

  /** `undefined`: cannot be decoded, told and counted; what was in force stays in force. */
  #decode(record: ConsumedRecord): ConfigDocument | null | undefined {
    try {
      return decodeConfigDocument(record);
    } catch (error) {
      if (!(error instanceof PoisonRecord)) throw error;
      this.#poison.inc();
      const { partition, offset } = record;
      const id = record.key?.toString('utf8');
      this.parts.logger.error('configuration record skipped', { partition, offset, id, detail: error.detail });
      return undefined;
    }
  }
}

function notify(listener: ConfigListener, document: ConfigDocument): void {
  switch (document.kind) {
    case 'subscription':
      return listener.onSubscription?.(document);
    case 'organization':
      return listener.onOrganization?.(document);
    case 'source':
      return listener.onSource?.(document);
    case 'api-key':
      return listener.onApiKey?.(document);
    case 'event-type':
      return listener.onEventType?.(document);
    case 'deleted':
      return listener.onDeleted?.(document);
  }
}
