import { type ConsumedRecord, decodeCommand } from '@hookstream/contracts';
import { PoisonRecord } from '@hookstream/domain';
import { type RecordBatch } from '@hookstream/kafka';
import { BatchPattern } from '@hookstream/service';
import { Controller } from '@nestjs/common';
import { CommandHandler } from './command-handler.js';

export const COMMANDS = 'commands';

/** The requests of other services, one after another; their offsets are committed when they have been done. */
@Controller()
export class CommandsController {
  constructor(private readonly handler: CommandHandler) {}

  @BatchPattern(COMMANDS)
  async onBatch({ records }: RecordBatch): Promise<void> {
    for (const record of records) await this.handle(record);
  }

  private async handle(record: ConsumedRecord): Promise<void> {
    try {
      await this.handler.execute(decodeCommand(record));
    } catch (error) {
      if (!(error instanceof PoisonRecord)) throw error;
      await this.handler.putAside(record, error);
    }
  }
}
