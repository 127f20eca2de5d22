import {
  type ConsumerHandlers,
  type ConsumerOptions,
  type LogAdmin,
  type ProducerOptions,
  type RangeReader,
  type RecordConsumer,
  type RecordLog,
  type RecordProducer,
  type TableOptions,
  type TableReader,
} from '@hookstream/kafka';
import { type ClientContext } from './client-context.js';
import { SimulatedAdmin } from './simulated-admin.js';
import { SimulatedConsumer } from './simulated-consumer.js';
import { SimulatedProducer } from './simulated-producer.js';
import { SimulatedRanges } from './simulated-ranges.js';
import { SimulatedTable } from './simulated-table.js';

/** The cluster as one replica sees it. */
export class SimulatedLog implements RecordLog {
  constructor(private readonly context: ClientContext) {}

  producer(options: ProducerOptions = {}): RecordProducer {
    return new SimulatedProducer(this.context, options);
  }

  consumer(options: ConsumerOptions, handlers: ConsumerHandlers): RecordConsumer {
    return new SimulatedConsumer(this.context, this.admin(), options, handlers);
  }

  table(options: TableOptions): TableReader {
    return new SimulatedTable(this.context, options);
  }

  ranges(): RangeReader {
    return new SimulatedRanges(this.context);
  }

  admin(): LogAdmin {
    return new SimulatedAdmin(this.context);
  }
}
