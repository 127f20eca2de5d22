import type { Topics } from './topic-names.js';

/** A topic as it must be on the broker. */
export interface TopicSpec {
  readonly name: string;
  readonly partitions: number;
  readonly replication: number;
  readonly config: Readonly<Record<string, string>>;
  /** One line for docs/topics.md. */
  readonly purpose: string;
  readonly key: string;
}

export interface TopicSizing {
  /** One count for all topics keyed by subscription; it can never change afterwards. */
  readonly partitions: number;
  readonly replication: number;
  /** Largest event taken, in bytes. */
  readonly maxEventBytes: number;
}

export const DEFAULT_MAX_EVENT_BYTES = 1_048_576;
/** What headers, envelopes and captured responses may add to an event in an internal record. */
export const INTERNAL_OVERHEAD_BYTES = 524_288;

const DAY_MS = 86_400_000;
const COMPACTED = {
  'cleanup.policy': 'compact',
  'min.cleanable.dirty.ratio': '0.1',
  'delete.retention.ms': String(7 * DAY_MS),
};

/** Every topic of DESIGN: static, so that none is ever auto-created. */
export function topicSpecs(topics: Topics, sizing: TopicSizing): TopicSpec[] {
  const messageLimit = String(sizing.maxEventBytes + INTERNAL_OVERHEAD_BYTES);
  const base = { partitions: sizing.partitions, replication: sizing.replication };
  const kept = (days: number, more: Readonly<Record<string, string>> = {}) => ({
    'cleanup.policy': 'delete',
    'retention.ms': String(days * DAY_MS),
    'max.message.bytes': messageLimit,
    ...more,
  });
  const compacted = { ...COMPACTED, 'max.message.bytes': messageLimit };
  const appendTime = { 'message.timestamp.type': 'LogAppendTime' };
  const spec = (name: string, key: string, purpose: string, config: TopicSpec['config']): TopicSpec => ({
    ...base,
    name,
    key,
    purpose,
    config,
  });

  return [
    spec(topics.events, 'partition key, subject or organization', 'events, default ingress', kept(7)),
    spec(topics.routed, 'the moment, for 100 ms', 'what the router decided, one record per intake batch', kept(7)),
    spec(topics.deliveries, 'subscription', 'deliveries that are due', kept(7)),
    spec(topics.deliveriesFifo, 'subscription', 'deliveries of ordered subscriptions', kept(7)),
    spec(topics.fifoHold, 'subscription', 'ordered deliveries behind a blocked head', kept(31)),
    spec(topics.delayNear, 'subscription', 'deliveries due within 10 s', kept(7, appendTime)),
    ...topics.delayLevels.map(({ topic, delayMs }) =>
      spec(
        topic,
        'subscription',
        `deliveries that wait ${delayMs / 1_000} s here`,
        kept(7 + delayMs / DAY_MS, appendTime),
      ),
    ),
    spec(topics.parked, 'subscription', 'deliveries of paused, overflowing or open endpoints', kept(31)),
    spec(topics.attempts, 'subscription', 'what became of each delivery record', kept(7)),
    spec(
      topics.deadLetters,
      'organization or topic',
      'records that cannot be delivered, raw, with the reason',
      kept(30),
    ),
    { ...spec(topics.commands, 'subscription', 'requests to config-api', kept(7)), partitions: 1 },
    { ...spec(topics.config, 'document id', 'configuration in force, one document per key', compacted), partitions: 1 },
    spec(topics.endpointState, 'subscription', 'breaker and holds of each endpoint', compacted),
  ];
}
