import { SecretBox } from '@hookstream/contracts';
import { connectDatabase, createDataSource } from '@hookstream/database';
import { createLogger, loadSettings } from '@hookstream/service';
import { z } from 'zod';
import { configDatabase } from './adapters/postgres/config-database.js';
import { KeyRotation } from './adapters/postgres/key-rotation.js';
import { databaseSettings, encryptionSettings } from './config.js';
import { runCommand } from './run-command.js';

const ROWS_AT_ONCE = 100;
const TOLD_EVERY_MS = 2_000;

/**
 * Seals all stored secrets with the first of HOOKSTREAM_ENCRYPTION_KEYS; docs/runbooks/rotate-the-encryption-key.md. Exits 1
 * where the former keys are still needed.
 */
await runCommand(async () => {
  const { settings } = loadSettings(z.object({ ...databaseSettings, ...encryptionSettings }));
  const database = {
    url: settings.DATABASE_URL,
    schema: settings.DATABASE_SCHEMA,
    applicationName: 'hookstream-config-api-rotate-key',
  };
  const logger = createLogger({ service: 'config-api-rotate-key', level: 'warn' });
  const dataSource = createDataSource(database, configDatabase, logger);
  const box = new SecretBox(settings.ENCRYPTION_KEYS);
  const tell = sometimes((line) => console.log(line));
  await connectDatabase(dataSource, { logger });
  try {
    const { subscriptions, answers, unreadable, sealedByOthers } = await new KeyRotation({
      dataSource,
      box,
      rowsAtOnce: ROWS_AT_ONCE,
      onProgress: (sealed) => tell(`${sealed} subscriptions sealed anew …`),
      onWaiting: (documents) => tell(`waiting for a config-api to publish ${documents} documents …`),
    }).run();
    console.log(`sealed with "${box.currentKeyId}": ${subscriptions} subscriptions, ${answers} stored answers`);
    if (unreadable.length > 0) {
      const some = unreadable.slice(0, 5).join(', ');
      console.error(`no key opens secrets of ${unreadable.length} subscriptions (${some} …): add it, or set them anew`);
    }
    if (sealedByOthers > 0) {
      console.error(
        'a config-api still seals with a former key: restart it with the new key first, and run this again',
      );
    }
    return unreadable.length > 0 || sealedByOthers > 0 ? 1 : 0;
  } finally {
    await dataSource.destroy();
  }
});

function sometimes(tell: (line: string) => void): (line: string) => void {
  let toldAtMs = 0;
  return (line) => {
    const nowMs = performance.now();
    if (nowMs - toldAtMs < TOLD_EVERY_MS) return;
    toldAtMs = nowMs;
    tell(line);
  };
}
