import { setTimeout as delay } from 'node:timers/promises';
import { topicNames, topicSpecs } from '@hookstream/contracts';
import { connectKafka, TransientKafkaError, type LogAdmin, type TopicReport } from '@hookstream/kafka';
import { createLogger, kafkaSettingsOf, loadSettings, serviceSettings } from '@hookstream/service';
import { z } from 'zod';
import { topicSettings } from './config.js';
import { runCommand } from './run-command.js';

const RETRY_MS = 2_000;

/** Makes every topic that is missing and checks the rest. Exits 1 where one differs in what cannot be changed. */
await runCommand(async () => {
  const { settings } = loadSettings(z.object({ ...serviceSettings({ port: 0 }), ...topicSettings }));
  const logger = createLogger({ service: 'topics', level: 'error' });
  const log = connectKafka(kafkaSettingsOf(settings, 'hookstream-topics', logger));
  const specs = topicSpecs(topicNames(settings.TOPIC_PREFIX), {
    partitions: settings.TOPIC_PARTITIONS,
    replication: settings.TOPIC_REPLICATION,
    maxEventBytes: settings.MAX_EVENT_BYTES,
  });
  const admin = log.admin();
  try {
    const reports = await onceReachable(settings.KAFKA_BROKERS, () => admin.ensureTopics(specs, { apply: true }));
    for (const report of reports) console.log(lineOf(report));
    return reports.some(({ status }) => status === 'differs') ? 1 : 0;
  } finally {
    await admin.close();
  }
});

async function onceReachable(
  brokers: readonly string[],
  ensure: () => ReturnType<LogAdmin['ensureTopics']>,
): ReturnType<LogAdmin['ensureTopics']> {
  for (;;) {
    try {
      return await ensure();
    } catch (error) {
      if (!(error instanceof TransientKafkaError)) throw error;
      console.error(`Kafka at ${brokers.join(', ')} cannot be reached yet (${error.message}); trying again`);
      await delay(RETRY_MS);
    }
  }
}

function lineOf({ name, status, problems, applied }: TopicReport): string {
  const changed = applied.length > 0 ? `, set ${applied.join(', ')}` : '';
  if (status !== 'differs') return `${name}: ${status}${changed}`;
  return `${name}: differs${changed}: ${problems.join('; ')}. ${remedyFor(problems)}`;
}

/** Keys go to partitions by their count, so a count that changed would send a subscription's records to two owners. */
function remedyFor(problems: readonly string[]): string {
  return problems.some((problem) => problem.includes('partition'))
    ? 'Set HOOKSTREAM_TOPIC_PARTITIONS to what the topics have, or choose another HOOKSTREAM_TOPIC_PREFIX.'
    : 'Change the topic by the tools of your Kafka.';
}
