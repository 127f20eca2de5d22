import { type Command, type ConsumedRecord, fittingDeadLetter, type OutgoingRecord } from '@hookstream/contracts';
import { type PoisonRecord } from '@hookstream/domain';
import { type ServiceLogger } from '@hookstream/service';
import { type Outcome } from '../../core/outcome.js';
import { type Propagation } from '../../core/propagation.js';
import { type Subscriptions } from '../../core/subscriptions/subscriptions.js';

export interface CommandHandlerParts {
  readonly subscriptions: Subscriptions;
  readonly propagation: Propagation;
  readonly write: (record: OutgoingRecord) => Promise<unknown>;
  readonly deadLetters: string;
  readonly maxEventBytes: number;
  readonly logger: ServiceLogger;
  readonly nowMs: () => number;
}

/** Does what other services ask of the only writer of configuration. */
export class CommandHandler {
  constructor(private readonly parts: CommandHandlerParts) {}

  /** Repeating a command is harmless: it acts on one version only. */
  async execute(command: Command): Promise<void> {
    const { kind, subscription, reason, expectedVersion } = command;
    const outcome = await this.change(command);
    const fields = { kind, subscription, reason, expectedVersion };
    if (!outcome.ok) {
      this.parts.logger.info('command not done', { ...fields, because: outcome.rejection.kind });
      return;
    }
    await this.parts.propagation.inForce();
    this.parts.logger.info('command done', fields);
  }

  private change(command: Command): Promise<Outcome<unknown>> {
    switch (command.kind) {
      case 'deactivate-subscription':
        return this.parts.subscriptions.deactivateByDispatcher(command);
      case 'pause-subscription':
        return this.parts.subscriptions.pauseByDispatcher(command);
    }
  }

  /** A record that is no command goes to the dead letters and stops nothing. */
  async putAside(record: ConsumedRecord, { reason, detail }: PoisonRecord): Promise<void> {
    const { deadLetters, maxEventBytes, nowMs, logger } = this.parts;
    const cause = { reason, detail, stage: 'config-api', atMs: nowMs() } as const;
    await this.parts.write(fittingDeadLetter(deadLetters, record, cause, maxEventBytes));
    logger.warn('command put aside', { partition: record.partition, offset: record.offset, reason, detail });
  }
}
