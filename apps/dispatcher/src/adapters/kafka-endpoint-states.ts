import { isId, PoisonRecord } from '@hookstream/domain';
import {
  decodeEndpointState,
  encodeEndpointState,
  forgetEndpointState,
  type ConsumedRecord,
  type EndpointState,
} from '@hookstream/contracts';
import type { EndpointMemory, EndpointStanding } from '@hookstream/engine';
import type { RecordLog, RecordProducer, TableReader } from '@hookstream/kafka';
import type { ServiceLogger } from '@hookstream/service';

export interface EndpointStatesParts {
  readonly log: Pick<RecordLog, 'table'>;
  /** Ordered: the last state written of an endpoint is the one that counts. */
  readonly producer: Pick<RecordProducer, 'send'>;
  readonly topic: string;
  readonly logger: ServiceLogger;
  readonly now: () => number;
}

/** What is known of endpoints that are not healthy, kept in the compacted topic for whoever owns them next. */
export class KafkaEndpointStates {
  private readonly states = new Map<string, EndpointState>();
  private readonly reader: TableReader;

  constructor(private readonly parts: EndpointStatesParts) {
    const { log, topic } = parts;
    this.reader = log.table({ topic, onRecord: (subscription, record) => this.apply(subscription, record) });
  }

  /** Resolves when everything written before has been read; waits for a missing broker or topic. */
  async start(): Promise<void> {
    await this.reader.start();
    await this.reader.ready;
  }

  close(): Promise<void> {
    return this.reader.close();
  }

  isReady(): boolean {
    return this.reader.isReady();
  }

  memoryOf(subscription: string): EndpointMemory | undefined {
    const state = this.states.get(subscription);
    if (!state) return undefined;
    const { breaker, openUntilMs, openings, holdUntilMs, atMs } = state;
    return {
      // Half-open, it goes on with a probe.
      ...(breaker !== 'closed' && { breaker: { openUntilMs: openUntilMs ?? atMs, openings } }),
      ...(holdUntilMs !== null && { holdUntilMs }),
    };
  }

  tell(subscription: string, standing: EndpointStanding | undefined): void {
    if (!isId('sub', subscription)) return;
    const { topic, now, producer, logger } = this.parts;
    const record = standing
      ? encodeEndpointState(topic, {
          ...standing,
          subscription,
          openUntilMs: standing.openUntilMs ?? null,
          holdUntilMs: standing.holdUntilMs ?? null,
          atMs: now(),
        })
      : forgetEndpointState(topic, subscription);
    if (standing) logger.info('an endpoint is not healthy', { subscription, ...standing });
    else logger.info('an endpoint is healthy again', { subscription });
    producer.send(record).catch((error: unknown) => {
      logger.warn('the state of an endpoint was not written; a restart may forget it', { subscription, error });
    });
  }

  private apply(subscription: string, record: ConsumedRecord): void {
    try {
      const state = decodeEndpointState(record);
      if (state) this.states.set(subscription, state);
      else this.states.delete(subscription);
    } catch (error) {
      if (!(error instanceof PoisonRecord)) throw error;
      this.parts.logger.warn('the state of an endpoint cannot be read', { subscription, detail: error.detail });
    }
  }
}
