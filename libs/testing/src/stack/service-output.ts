import { createWriteStream, mkdirSync, type WriteStream } from 'node:fs';
import { dirname } from 'node:path';

const KEPT_LINES = 2_000;

/** What a service writes: to a file if wanted, to whoever listens, and its newest lines kept for tests and errors. */
export class ServiceOutput {
  private readonly kept: string[] = [];
  private readonly file: WriteStream | undefined;

  constructor(
    file: string | undefined,
    private readonly onLine: ((line: string) => void) | undefined,
  ) {
    if (file === undefined) return;
    mkdirSync(dirname(file), { recursive: true });
    this.file = createWriteStream(file, { flags: 'a' });
  }

  write(line: string): void {
    this.kept.push(line);
    if (this.kept.length > KEPT_LINES) this.kept.splice(0, KEPT_LINES / 2);
    this.file?.write(`${line}\n`);
    this.onLine?.(line);
  }

  /** The newest lines, at most 2,000. */
  get lines(): readonly string[] {
    return this.kept;
  }
}
