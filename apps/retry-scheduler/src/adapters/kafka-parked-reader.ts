import type { ParkedRange, ParkedReader } from '@hookstream/engine';
import type { RangeReader } from '@hookstream/kafka';

export class KafkaParkedReader implements ParkedReader {
  constructor(
    private readonly ranges: Pick<RangeReader, 'readRange'>,
    private readonly topic: string,
  ) {}

  async read(range: ParkedRange): Promise<void> {
    try {
      await this.ranges.readRange({ topic: this.topic, ...range });
    } catch (error) {
      if (!range.signal.aborted) throw error;
    }
  }
}
