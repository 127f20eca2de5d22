import type { ConsumedRecord, Topics } from '@hookstream/contracts';
import type { OrderedLog, TopicPartition } from '@hookstream/engine';
import type { LogAdmin, RangeReader, RecordLog } from '@hookstream/kafka';
import type { ServiceLogger } from '@hookstream/service';

/** Reads the topics of ordered subscriptions beside the group. */
export class KafkaOrderedLog implements OrderedLog {
  readonly topics: OrderedLog['topics'];
  private readonly admin: LogAdmin;
  private readonly ranges: RangeReader;

  constructor(
    log: Pick<RecordLog, 'admin' | 'ranges'>,
    { deliveriesFifo, fifoHold }: Pick<Topics, 'deliveriesFifo' | 'fifoHold'>,
    private readonly logger: ServiceLogger,
  ) {
    this.topics = { source: deliveriesFifo, hold: fifoHold };
    this.admin = log.admin();
    this.ranges = log.ranges();
  }

  async ends(topic: string): Promise<ReadonlyMap<number, number>> {
    const [starts, ends] = await Promise.all([this.admin.startOffsets(topic), this.admin.endOffsets(topic)]);
    const startOf = new Map(starts.map(({ partition, offset }) => [partition, offset]));
    return new Map(
      ends.map(({ partition, offset }) => [partition, offset > (startOf.get(partition) ?? 0) ? offset : 0]),
    );
  }

  read(
    range: TopicPartition & { readonly fromOffset: number; readonly toOffset: number },
    onRecords: (records: readonly ConsumedRecord[]) => void,
  ): Promise<unknown> {
    return this.ranges.readRange({ ...range, onRecords });
  }

  vanished(queue: string, position: number): void {
    this.logger.error('a delivery was deleted from fifo.hold before its time: its retention is too short', {
      queue,
      position,
    });
  }

  async close(): Promise<void> {
    await Promise.all([this.ranges.close(), this.admin.close()]);
  }
}
