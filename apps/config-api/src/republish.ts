import { topicNames } from '@hookstream/contracts';
import { connectDatabase, createDataSource } from '@hookstream/database';
import { connectKafka } from '@hookstream/kafka';
import { createLogger, kafkaSettingsOf, loadSettings, serviceSettings } from '@hookstream/service';
import { z } from 'zod';
import { configDatabase } from './adapters/postgres/config-database.js';
import { OutboxRelay } from './adapters/postgres/outbox-relay.js';
import { OutboxTable } from './adapters/postgres/outbox-table.js';
import { databaseSettings } from './config.js';
import { storedDocuments } from './config-api.relay.js';
import { republishAll } from './core/republication.js';
import { runCommand } from './run-command.js';

const PAGE_ROWS = 5_000;
const SAY_EVERY_MS = 2_000;
const SEND_TIMEOUT_MS = 2_000;

/** Writes all configuration to the `config` topic again, beside running services or without them. */
await runCommand(async () => {
  const { settings } = loadSettings(z.object({ ...serviceSettings({ port: 0 }), ...databaseSettings }));
  const logger = createLogger({ service: 'republish', level: 'error' });
  const dataSource = createDataSource(
    { url: settings.DATABASE_URL, schema: settings.DATABASE_SCHEMA, applicationName: 'hookstream-republish' },
    configDatabase,
  );
  const log = connectKafka(kafkaSettingsOf(settings, 'hookstream-republish', logger));
  const producer = log.producer({ ordered: true, lingerMs: 0, deliveryTimeoutMs: SEND_TIMEOUT_MS });
  const documents = storedDocuments((id, error) => logger.error('a document cannot be read', { id, error }));
  const outbox = new OutboxTable(dataSource, () => new Date());
  const relay = new OutboxRelay({
    dataSource,
    documents,
    topic: topicNames(settings.TOPIC_PREFIX).config,
    send: (records) => producer.sendAll(records),
    now: () => new Date(),
    nowMs: () => performance.now(),
    onPublished: () => undefined,
  });
  const startedAtMs = performance.now();
  try {
    await connectDatabase(dataSource, { logger });
    const all = await republishAll({
      markAll: async (onMarked) => {
        let marked = 0;
        for await (const ids of documents.ids(dataSource, PAGE_ROWS)) {
          await outbox.again(ids);
          onMarked((marked += ids.length));
        }
        return marked;
      },
      publish: () => relay.publish(),
      waiting: async () => (await outbox.waiting()).documents,
      say: (line) => console.log(line),
      everyMs: SAY_EVERY_MS,
    });
    const seconds = ((performance.now() - startedAtMs) / 1_000).toFixed(1);
    console.log(`published ${all.toLocaleString('en-US')} documents in ${seconds} s`);
    return 0;
  } finally {
    await producer.close();
    await dataSource.destroy().catch(() => undefined);
  }
});
