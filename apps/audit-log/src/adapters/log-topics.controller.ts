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
  async onIngress({ records }: RecordBatch): Promise<void> {
    await this.intake.take(records, await this.ingress.read(records));
  }

  @BatchPattern(ROUTED)
  async onRouted({ records }: RecordBatch): Promise<void> {
    await this.intake.take(records, rowsOfRoutedBatch);
  }

  @BatchPattern(ATTEMPTS)
  async onAttempts({ records }: RecordBatch): Promise<void> {
    await this.intake.take(records, rowsOfReport);
  }

  @BatchPattern(DEAD_LETTERS)
  async onDeadLetters({ records }: RecordBatch): Promise<void> {
    await this.intake.take(records, rowsOfDeadLetter);
  }
}
