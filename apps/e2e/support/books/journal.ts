import { createWriteStream, existsSync, mkdirSync, readFileSync, type WriteStream } from 'node:fs';
import { dirname } from 'node:path';

/** A file that is only ever added to, one JSON line per entry: what is in it was so, whatever became of the run. */
export class Journal<Entry> {
  private readonly stream: WriteStream;

  constructor(readonly file: string) {
    mkdirSync(dirname(file), { recursive: true });
    this.stream = createWriteStream(file, { flags: 'a' });
  }

  write(entry: Entry): void {
    this.stream.write(`${JSON.stringify(entry)}\n`);
  }

  /** Resolves when all is in the file. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.stream.end(resolve);
    });
  }
}

/** Empty where there is no such file. */
export function readJournal<Entry>(file: string): Entry[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Entry);
}
