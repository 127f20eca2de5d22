import type { ReportRange, ReportReader } from '@hookstream/engine';
import type { LogAdmin, RangeReader, RecordLog } from '@hookstream/kafka';

export class KafkaReportReader implements ReportReader {
  private readonly admin: LogAdmin;
  private readonly ranges: RangeReader;

  constructor(
    log: Pick<RecordLog, 'admin' | 'ranges'>,
    private readonly topic: string,
  ) {
    this.admin = log.admin();
    this.ranges = log.ranges();
  }

  ends() {
    return this.admin.endOffsets(this.topic);
  }

  read(range: ReportRange): Promise<unknown> {
    return this.ranges.readRange({ topic: this.topic, ...range });
  }

  async close(): Promise<void> {
    await Promise.all([this.ranges.close(), this.admin.close()]);
  }
}
