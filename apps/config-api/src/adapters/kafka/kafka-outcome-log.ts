import { setTimeout as delay } from 'node:timers/promises';
import { type ConsumedRecord, decodeReport, type DeliveryReport } from '@hookstream/contracts';
import { isTerminal, PoisonRecord } from '@hookstream/domain';
import { type LogAdmin, type RangeReader } from '@hookstream/kafka';
import { type OutcomeLog, type PingAddress } from '../../core/tests/subscription-tests.js';

const LOOK_EVERY_MS = 100;

/** Reads `attempts` outside any group, only what is written while somebody waits: every replica finds its own tests. */
export class KafkaOutcomeLog implements OutcomeLog {
  constructor(
    private readonly ranges: RangeReader,
    private readonly admin: Pick<LogAdmin, 'endOffsets'>,
    private readonly topic: string,
  ) {}

  async ends(): Promise<ReadonlyMap<number, number>> {
    const ends = await this.admin.endOffsets(this.topic);
    return new Map(ends.map(({ partition, offset }) => [partition, offset]));
  }

  async find(
    { partition, fromOffset, ...address }: Parameters<OutcomeLog['find']>[0],
    signal: AbortSignal,
  ): Promise<DeliveryReport | undefined> {
    const { topic } = this;
    let found: DeliveryReport | undefined;
    const onRecords = (records: readonly ConsumedRecord[]) => {
      for (const record of records) found ??= reportOf(record, address);
    };
    try {
      for (let next = fromOffset; !found;) {
        next = await this.ranges.readRange({ topic, partition, fromOffset: next, onRecords, signal });
        if (!found) await delay(LOOK_EVERY_MS, undefined, { signal });
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
    return found;
  }
}

/** Only records of the subscription are read at all. */
function reportOf(record: ConsumedRecord, { subscription, delivery }: PingAddress): DeliveryReport | undefined {
  if (record.key?.toString('utf8') !== subscription) return undefined;
  try {
    const report = decodeReport(record);
    return report.delivery === delivery && isTerminal(report.state) ? report : undefined;
  } catch (error) {
    // Not written by a dispatcher: the log puts it aside.
    if (error instanceof PoisonRecord) return undefined;
    throw error;
  }
}
