import { type ServiceHost } from '@hookstream/service';
import { type Reconciliation } from './postgres/reconciler.js';
import { type RelayObserver } from './relay-duties.js';

const REPAIRED = ['missing', 'behind', 'different', 'ahead'] as const;

/** What is seen of the way from the tables to the `config` topic. */
export class RelayMetrics implements RelayObserver {
  private readonly published;
  private readonly seconds;
  private readonly waiting;
  private readonly oldest;
  private readonly leader;
  private readonly differences;
  private readonly unknown;
  private readonly reconciledAt;

  constructor(private readonly host: Pick<ServiceHost, 'metrics' | 'logger'>) {
    const { metrics } = host;
    this.published = metrics.counter('config_published_documents_total', 'Documents written to the config topic');
    this.seconds = metrics.histogram(
      'config_publish_seconds',
      'Time from the commit of a change of configuration until Kafka has it',
      { buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30] },
    );
    this.waiting = metrics.gauge('config_outbox_documents', 'Documents that wait to be published; told by the leader');
    this.oldest = metrics.gauge(
      'config_outbox_oldest_seconds',
      'How long the oldest change waits to be published; told by the leader',
    );
    this.leader = metrics.gauge('config_relay_leader', '1 at the replica that leads the relay');
    this.differences = metrics.counter(
      'config_differences_total',
      'Documents in which the config topic differed from the database, by how',
      { labelNames: ['difference'] },
    );
    this.reconciledAt = metrics.gauge(
      'config_reconciled_timestamp_seconds',
      'When the config topic was last compared with the database, here',
    );
    for (const difference of REPAIRED) this.differences.inc({ difference }, 0);
    this.unknown = metrics.gauge(
      'config_unknown_documents',
      'Documents of the config topic that no table knows, when it was last compared, here',
    );
    this.leader.set(0);
  }

  onPublished(documents: number, changedAtMs: readonly number[]): void {
    this.published.inc(documents);
    // Two clocks: what was ahead of ours took no time.
    for (const atMs of changedAtMs) this.seconds.observe(Math.max(0, Date.now() - atMs) / 1_000);
  }

  onLeading(isLeader: boolean): void {
    this.leader.set(isLeader ? 1 : 0);
    if (!isLeader) {
      this.waiting.set(0);
      this.oldest.set(0);
    }
    this.host.logger.info(isLeader ? 'leads the relay of configuration' : 'leads the relay of configuration no more');
  }

  onWaiting({
    documents,
    oldestChangeMs,
  }: {
    readonly documents: number;
    readonly oldestChangeMs: number | null;
  }): void {
    this.waiting.set(documents);
    this.oldest.set(oldestChangeMs === null ? 0 : Math.max(0, Date.now() - oldestChangeMs) / 1_000);
  }

  onReconciled({ documents, differences, unknown }: Reconciliation, durationMs: number): void {
    this.reconciledAt.set(Date.now() / 1_000);
    for (const difference of REPAIRED) this.differences.inc({ difference }, differences[difference]);
    const { unknown: strangers, ...repaired } = differences;
    this.unknown.set(strangers);
    const fields = { documents, ...repaired, durationMs: Math.round(durationMs) };
    const { logger } = this.host;
    if (Object.values(repaired).some((count) => count > 0))
      logger.warn('the config topic lacked documents; they are announced again', fields);
    else logger.debug('the config topic holds what the database holds', fields);
    if (strangers > 0)
      logger.warn('the config topic holds documents that no table knows', { count: strangers, some: unknown });
  }

  onFailure(error: unknown): void {
    this.host.logger.warn('configuration is not published yet', { error });
  }
}
