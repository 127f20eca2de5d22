/** The delay levels: a record leaves one exactly this long after Kafka appended it. */
export const DELAY_LEVELS = [
  ['10s', 10_000],
  ['30s', 30_000],
  ['1m', 60_000],
  ['2m', 120_000],
  ['5m', 300_000],
  ['10m', 600_000],
  ['15m', 900_000],
  ['30m', 1_800_000],
  ['1h', 3_600_000],
  ['2h', 7_200_000],
  ['3h', 10_800_000],
  ['6h', 21_600_000],
  ['12h', 43_200_000],
  ['24h', 86_400_000],
] as const satisfies readonly (readonly [string, number])[];

export interface DelayLevelTopic {
  readonly topic: string;
  readonly delayMs: number;
}

/** Every topic of one installation, by what it is for. */
export interface Topics {
  /** Default ingress. */
  readonly events: string;
  readonly routed: string;
  readonly deliveries: string;
  readonly deliveriesFifo: string;
  readonly fifoHold: string;
  readonly delayNear: string;
  /** Shortest first. */
  readonly delayLevels: readonly DelayLevelTopic[];
  readonly parked: string;
  readonly attempts: string;
  readonly deadLetters: string;
  readonly commands: string;
  readonly config: string;
  readonly endpointState: string;
}

export const DEFAULT_TOPIC_PREFIX = 'hookstream.';

export function topicNames(prefix: string = DEFAULT_TOPIC_PREFIX): Topics {
  return {
    events: `${prefix}events`,
    routed: `${prefix}routed`,
    deliveries: `${prefix}deliveries`,
    deliveriesFifo: `${prefix}deliveries.fifo`,
    fifoHold: `${prefix}fifo.hold`,
    delayNear: `${prefix}delay.near`,
    delayLevels: DELAY_LEVELS.map(([name, delayMs]) => ({ topic: `${prefix}delay.${name}`, delayMs })),
    parked: `${prefix}parked`,
    attempts: `${prefix}attempts`,
    deadLetters: `${prefix}dead-letters`,
    commands: `${prefix}commands`,
    config: `${prefix}config`,
    endpointState: `${prefix}endpoint-state`,
  };
}
