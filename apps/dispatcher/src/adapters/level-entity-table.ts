import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import type { RecordLog, TableReader } from '@hookstream/kafka';
import { entityFolder } from './entity-folder.js';
import type { EntityTable } from '../core/hydration/topic-entities.js';

interface LevelEntityTableOptions {
  readonly topic: string;
  /** Nothing else may be in it; removed by `close`. */
  readonly folder: string;
  /** Memory for blocks that were read. */
  readonly cacheBytes: number;
  /** What was read may be in the topic no more. */
  readonly onStale: () => void;
}

/** Opens tables in a folder of this process, which is made when the first is. @param parent left empty: the system's for temporary files */
export function openEntityTables(log: Pick<RecordLog, 'table'>, parent: string, cacheBytes: number) {
  let folder: string | undefined;
  let opened = 0;
  return (topic: string, onStale: () => void): EntityTable => {
    folder ??= entityFolder(parent === '' ? tmpdir() : parent);
    opened += 1;
    return new LevelEntityTable(log, { topic, folder: join(folder, String(opened)), cacheBytes, onStale });
  };
}

/** A compacted topic as a table on disk, read from the topic's beginning: nothing of a former process is trusted. */
class LevelEntityTable implements EntityTable {
  private readonly store: ClassicLevel<string, Buffer>;
  private readonly reader: TableReader;
  private isStale = false;
  private closing: Promise<void> | undefined;

  constructor(
    log: Pick<RecordLog, 'table'>,
    private readonly options: LevelEntityTableOptions,
  ) {
    const { topic, folder, cacheBytes, onStale } = options;
    this.store = new ClassicLevel<string, Buffer>(folder, { valueEncoding: 'buffer', cacheSize: cacheBytes });
    this.reader = log.table({
      topic,
      onRecord: (key, { value }) => (value === null ? this.store.del(key) : this.store.put(key, value)),
      onRestart: () => {
        this.isStale = true;
        onStale();
      },
    });
    void this.reader.start();
  }

  isReady(): boolean {
    return this.reader.isReady() && !this.isStale;
  }

  get(key: string): Promise<Buffer | undefined> {
    return this.store.get(key);
  }

  close(): Promise<void> {
    this.closing ??= this.end();
    return this.closing;
  }

  private async end(): Promise<void> {
    await Promise.allSettled([this.reader.close()]);
    await Promise.allSettled([this.store.close()]);
    await rm(this.options.folder, { recursive: true, force: true }).catch(() => undefined);
  }
}
