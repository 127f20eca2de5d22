import { isId } from '@hookstream/domain';
import { encodeEndpointState, forgetEndpointState, type EndpointState } from '@hookstream/contracts';
import type { EndpointMemory, EndpointStanding } from '@hookstream/engine';
import type { RecordProducer } from '@hookstream/kafka';
import type { ServiceLogger } from '@hookstream/service';

export interface EndpointStatesParts {
  /** What was told last of an endpoint. */
  readonly stateOf: (subscription: string) => EndpointState | undefined;
  /** When its subscription was resumed: what was told before counts no more. Milliseconds since the epoch. */
  readonly resumedAtMs: (subscription: string) => number;
  /** Ordered: the last state written of an endpoint is the one that counts. */
  readonly producer: Pick<RecordProducer, 'send'>;
  readonly topic: string;
  readonly logger: ServiceLogger;
  readonly now: () => number;
}

/** What is known of endpoints that are not healthy, kept in the compacted topic for whoever owns them next. */
export class KafkaEndpointStates {
  constructor(private readonly parts: EndpointStatesParts) {}

  memoryOf(subscription: string): EndpointMemory | undefined {
    const state = this.parts.stateOf(subscription);
    if (!state || state.atMs <= this.parts.resumedAtMs(subscription)) return undefined;
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
}
