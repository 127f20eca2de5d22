import { Controller } from '@nestjs/common';
import type { RecordBatch } from '@hookstream/kafka';
import { BatchPattern } from '@hookstream/service';
import { IngressReader } from '../core/ingest/ingress-reader.js';
import { LogIntake } from '../core/ingest/log-intake.js';
import { rowsOfDeadLetter, rowsOfReport, rowsOfRoutedBatch } from '../core/ingest/rows-of-record.js';

export const INGRESS = 'ingress';
export const ROUTED = 'routed';
export const ATTEMPTS = 'attempts';
export const DEAD_LETTERS = 'dead-letters';

/** Everything the log reads. A batch is committed when it is stored. */
@Controller()
export class LogTopicsController {
  constructor(
    private readonly intake: LogIntake,
    private readonly ingress: IngressReader,
  ) {}

  @BatchPattern(INGRESS)
  async onIngress(batch: RecordBatch): Promise<void> {
    await this.intake.take(batch, await this.ingress.read(batch.records));
  }

  @BatchPattern(ROUTED)
  async onRouted(batch: RecordBatch): Promise<void> {
    await this.intake.takePending(batch, rowsOfRoutedBatch);
  }

  @BatchPattern(ATTEMPTS)
  async onAttempts(batch: RecordBatch): Promise<void> {
    await this.intake.take(batch, rowsOfReport);
  }

  @BatchPattern(DEAD_LETTERS)
  async onDeadLetters(batch: RecordBatch): Promise<void> {
    await this.intake.take(batch, rowsOfDeadLetter);
  }
}
