import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fetchKafka, type FetchOptions } from './artefacts.js';
import { findJava } from './java.js';
import { classDataArchive } from './jvm.js';
import { LocalKafka } from './local-kafka.js';

/** Makes the archive that halves every later start, by a throw-away broker. Once per Java version; takes about 10 s. */
export async function makeClassDataArchive(options: FetchOptions = {}): Promise<void> {
  const jvm = { java: await findJava(), artefacts: await fetchKafka(options) };
  if (existsSync(classDataArchive(jvm))) return;
  options.onProgress?.('preparing Kafka for quick starts (once)');
  const dataDir = await mkdtemp(join(tmpdir(), 'hookstream-archive-'));
  try {
    const kafka = await LocalKafka.prepare({ ...options, dataDir });
    const { keep } = await kafka.startArchiving();
    await kafka.stop();
    await keep();
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}
