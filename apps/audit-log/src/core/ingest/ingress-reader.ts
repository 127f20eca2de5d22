import { decodeIngress, type ConsumedRecord } from '@hookstream/contracts';
import { PoisonRecord } from '@hookstream/domain';
import type { IngressSources } from '@hookstream/contracts';
import { NO_ROWS, type LogRows } from './log-rows.js';
import type { ReadRows } from './log-intake.js';
import type { Organizations } from './organizations.js';
import { rowsOfEvent } from './rows-of-record.js';

export interface IngressReaderParts {
  readonly sources: IngressSources;
  readonly organizations: Organizations;
  readonly maxEventBytes: number;
  /** Resolves when all configuration that is published now is in force here. */
  readonly configurationAsOfNow: () => Promise<void>;
  /** A record that is no event. Its dead letter is the router's to write. */
  readonly onSkipped: (reason: string) => void;
}

/** Reads the events of ingress records as the router reads them. */
export class IngressReader {
  constructor(private readonly parts: IngressReaderParts) {}

  /**
   * A producer that names a new organization may be faster than its document: before a record is skipped for that, the
   * configuration is read to its end, once for the whole batch.
   */
  async read(records: readonly ConsumedRecord[]): Promise<ReadRows> {
    const read = new Map(records.map((record) => [record, this.rowsOf(record)]));
    const unknown = records.filter((record) => reasonOf(read.get(record)) === 'unknown-organization');
    if (unknown.length > 0) {
      await this.parts.configurationAsOfNow();
      for (const record of unknown) read.set(record, this.rowsOf(record));
    }
    return (record) => {
      const rows = read.get(record);
      if (rows === undefined) throw new Error('the record is not of this batch');
      if (!(rows instanceof Error)) return rows;
      if (!(rows instanceof PoisonRecord)) throw rows;
      this.parts.onSkipped(rows.reason);
      return NO_ROWS;
    };
  }

  private rowsOf(record: ConsumedRecord): LogRows | Error {
    const { sources, organizations, maxEventBytes } = this.parts;
    try {
      const event = decodeIngress(record, sources.mappingOf(record.topic), {
        maxEventBytes,
        resolveOrganization: (name) => organizations.resolve(name),
      });
      return rowsOfEvent(event, record);
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  }
}

function reasonOf(rows: LogRows | Error | undefined): string | undefined {
  return rows instanceof PoisonRecord ? rows.reason : undefined;
}
