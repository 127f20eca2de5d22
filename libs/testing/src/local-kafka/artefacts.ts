import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommandOrThrow } from '../child/run-command.js';
import { localStateDir } from '../workspace.js';
import { artefactPom } from './artefact-pom.js';
import { requireMaven } from './java.js';

export const KAFKA_VERSION = '4.3.1';

export interface FetchOptions {
  readonly version?: string;
  /** Holds `libs/` and the class-data archive. Default: `.hookstream/kafka-<version>` of the checkout. */
  readonly cacheDir?: string;
  /** Told what is being fetched, a few times a second. */
  readonly onProgress?: (message: string) => void;
  /** Ends a fetch. */
  readonly signal?: AbortSignal;
}

export interface KafkaArtefacts {
  readonly cacheDir: string;
  /** For Java's `-cp`: every jar by name, sorted, so that the class-data archive fits every time. */
  readonly classPath: string;
}

function kafkaCacheDir(options: FetchOptions = {}): string {
  return options.cacheDir ?? join(localStateDir(), `kafka-${options.version ?? KAFKA_VERSION}`);
}

/** Fetches Kafka from Maven, once: as soon as the jars are there, nothing needs Maven or the network. */
export async function fetchKafka(options: FetchOptions = {}): Promise<KafkaArtefacts> {
  const cacheDir = kafkaCacheDir(options);
  const libs = join(cacheDir, 'libs');
  if (!existsSync(libs)) await download(cacheDir, libs, options);
  const jars = (await readdir(libs)).filter((name) => name.endsWith('.jar')).sort();
  return { cacheDir, classPath: jars.map((jar) => join(libs, jar)).join(':') };
}

export function isKafkaFetched(options: FetchOptions = {}): boolean {
  return existsSync(join(kafkaCacheDir(options), 'libs'));
}

// Into a folder of our own, renamed when complete: an interrupted or a second, simultaneous fetch harms nothing.
async function download(cacheDir: string, libs: string, options: FetchOptions): Promise<void> {
  await requireMaven();
  const partial = join(cacheDir, `partial-${process.pid}`);
  await mkdir(partial, { recursive: true });
  try {
    const pom = join(partial, 'pom.xml');
    await writeFile(pom, artefactPom(options.version ?? KAFKA_VERSION));
    const goal = [
      'dependency:copy-dependencies',
      '-DincludeScope=runtime',
      `-DoutputDirectory=${join(partial, 'libs')}`,
    ];
    await runCommandOrThrow('Fetching Kafka with Maven', {
      command: 'mvn',
      args: ['-B', '-f', pom, ...goal],
      ...(options.signal && { signal: options.signal }),
      onLine: (line) => {
        const file = /Downloaded from \S+ \S*\/(\S+\.jar)/.exec(line)?.[1];
        if (file !== undefined) options.onProgress?.(`fetched ${file}`);
      },
    });
    await rename(join(partial, 'libs'), libs).catch((error: unknown) => {
      if (!existsSync(libs)) throw error;
    });
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}
