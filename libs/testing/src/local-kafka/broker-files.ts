export interface BrokerSettings {
  readonly dataDir: string;
  readonly port: number;
  readonly controllerPort: number;
  /** Set after, and so over, everything else. */
  readonly properties: Readonly<Record<string, string>>;
}

/**
 * One node that is broker and controller. The voters are given statically, not kept in the log by
 * `format --standalone`, so that a later start may use other ports.
 */
export function serverProperties(settings: BrokerSettings): string {
  const { port, controllerPort } = settings;
  const properties: Record<string, string> = {
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    'log.dirs': `${settings.dataDir}/log`,
    'auto.create.topics.enable': 'false',
    'offsets.topic.replication.factor': '1',
    'offsets.topic.num.partitions': '8',
    'transaction.state.log.replication.factor': '1',
    'transaction.state.log.min.isr': '1',
    'transaction.state.log.num.partitions': '4',
    'share.coordinator.state.topic.replication.factor': '1',
    'share.coordinator.state.topic.min.isr': '1',
    // The first member of a group need not wait 3 s for others.
    'group.initial.rebalance.delay.ms': '0',
    'group.min.session.timeout.ms': '1000',
    // After a SIGKILL the node waits until its former self has expired: 4 s instead of 9 s.
    'broker.session.timeout.ms': '4000',
    'broker.heartbeat.interval.ms': '500',
    // 128 MB of heap by default, for a compaction that is tiny here.
    'log.cleaner.dedupe.buffer.size': '8388608',
    ...settings.properties,
  };
  return Object.entries(properties)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('');
}

export const READY_LINE = 'Kafka Server started';

/** Warnings, errors and the one line that tells when the broker is ready, to standard output. */
export const LOG4J_PROPERTIES = `status = error
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX} %-5p %m (%c)%n
logger.ready.name = kafka.server.KafkaRaftServer
logger.ready.level = info
rootLogger.level = warn
rootLogger.appenderRef.console.ref = console
`;
