import { Controller, Inject } from '@nestjs/common';
import { Dispatcher } from '@hookstream/engine';
import type { RecordBatch } from '@hookstream/kafka';
import { BatchPattern } from '@hookstream/service';

export const DELIVERIES = 'deliveries';

@Controller()
export class DeliveriesController {
  constructor(@Inject(Dispatcher) private readonly dispatcher: Dispatcher) {}

  @BatchPattern(DELIVERIES)
  onBatch(batch: RecordBatch): Promise<void> {
    this.dispatcher.accept(batch);
    return Promise.resolve();
  }
}
