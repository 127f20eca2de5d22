import type { ServiceLogger } from '@hookstream/service';
import { addDays, dayOf } from '../core/day.js';
import type { Partitions } from './partitions.js';

/** Days whose partitions are there before they are needed: a clock may be ahead, and a replica may be the only one. */
const DAYS_AHEAD = 3;

export interface LogMaintenanceParts {
  readonly partitions: Partitions;
  readonly retentionDays: number;
  readonly logger: ServiceLogger;
  readonly nowMs: () => number;
}

/** Makes the partitions of the days to come and drops those past keeping. */
export class LogMaintenance {
  private timer: NodeJS.Timeout | undefined;
  private round: Promise<void> = Promise.resolve();

  constructor(private readonly parts: LogMaintenanceParts) {}

  /** Partitions that writing needs soon. @throws when the database is away or not migrated */
  async prepare(): Promise<void> {
    const today = dayOf(this.parts.nowMs());
    await this.parts.partitions.ensure(Array.from({ length: DAYS_AHEAD + 1 }, (_, days) => addDays(today, days)));
  }

  /** A round at once and then after each interval. One that fails is told, and made up for by the next. */
  start(intervalMs: number): void {
    const begin = () => {
      this.round = this.round.then(() => this.maintain());
    };
    begin();
    this.timer = setInterval(begin, intervalMs);
    this.timer.unref();
  }

  /** Resolves when the round under way is over. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.round;
  }

  private async maintain(): Promise<void> {
    const { partitions, retentionDays, logger, nowMs } = this.parts;
    try {
      await this.prepare();
      const dropped = await partitions.dropExpired(dayOf(nowMs()), retentionDays);
      if (dropped.length > 0) logger.info('dropped days past keeping', { days: dropped, retentionDays });
    } catch (error) {
      logger.warn('the partitions of the log were not maintained; trying again in a while', { error });
    }
  }
}
