import { Controller, Inject } from '@nestjs/common';
import { ParkedSweep } from '@hookstream/engine';
import type { RecordBatch } from '@hookstream/kafka';
import { BatchPattern } from '@hookstream/service';

export const PARKED = 'parked';

@Controller()
export class ParkedController {
  constructor(@Inject(ParkedSweep) private readonly sweep: ParkedSweep) {}

  @BatchPattern(PARKED)
  onBatch(batch: RecordBatch): Promise<void> {
    this.sweep.take(batch, batch.records);
    return Promise.resolve();
  }
}
