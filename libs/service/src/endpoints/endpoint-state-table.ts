import { decodeEndpointState, type ConsumedRecord, type EndpointState } from '@hookstream/contracts';
import { PoisonRecord } from '@hookstream/domain';
import { type RecordLog, type TableReader } from '@hookstream/kafka';
import { type ServiceLogger } from '../logging/service-logger.js';

export interface EndpointStateTableParts {
  readonly log: Pick<RecordLog, 'table'>;
  readonly topic: string;
  readonly logger: ServiceLogger;
}

/** What the owners of endpoints have told of those that are not healthy, read from the compacted topic and followed. */
export class EndpointStateTable {
  readonly #states = new Map<string, EndpointState>();
  readonly #reader: TableReader;

  constructor(private readonly parts: EndpointStateTableParts) {
    const { log, topic } = parts;
    this.#reader = log.table({ topic, onRecord: (subscription, record) => this.#apply(subscription, record) });
  }

  /** `undefined`: nothing is known of it, so it is healthy. */
  get(subscription: string): EndpointState | undefined {
    return this.#states.get(subscription);
  }

  /** Resolves when everything written before has been read; waits for a missing broker or topic. */
  async start(): Promise<void> {
    await this.#reader.start();
    await this.#reader.ready;
  }

  close(): Promise<void> {
    return this.#reader.close();
  }

  isReady(): boolean {
    return this.#reader.isReady();
  }

  #apply(subscription: string, record: ConsumedRecord): void {
    try {
      const state = decodeEndpointState(record);
      if (state) this.#states.set(subscription, state);
      else this.#states.delete(subscription);
    } catch (error) {
      if (!(error instanceof PoisonRecord)) throw error;
      this.parts.logger.warn('the state of an endpoint cannot be read', { subscription, detail: error.detail });
    }
  }
}
