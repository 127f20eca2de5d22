import { Controller, Inject } from '@nestjs/common';
import { ReleaseLoop, RetryScheduler } from '@hookstream/engine';
import type { RecordBatch } from '@hookstream/kafka';
import { BatchPattern } from '@hookstream/service';

@Controller()
export class DelayTopicsController {
  constructor(
    @Inject(RetryScheduler) private readonly scheduler: RetryScheduler,
    @Inject(ReleaseLoop) private readonly loop: ReleaseLoop,
  ) {}

  @BatchPattern('delay')
  async onBatch(batch: RecordBatch): Promise<void> {
    this.scheduler.take(batch, batch.records);
    this.loop.arm();
    return Promise.resolve();
  }
}
