import { connectKafka } from '@hookstream/kafka';

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** What any producer of a team does: one plain JSON record on the default ingress topic. */
export async function writeEventToKafka(brokers: string, type: string, data: unknown): Promise<void> {
  const producer = connectKafka({
    brokers: brokers.split(','),
    clientId: 'hookstream-demo',
    logger: silent,
  }).producer();
  try {
    const value = Buffer.from(JSON.stringify({ type, data }));
    await producer.send({ topic: `${topicPrefix()}events`, key: null, value });
  } finally {
    await producer.close();
  }
}

function topicPrefix(): string {
  return process.env['HOOKSTREAM_TOPIC_PREFIX'] ?? 'hookstream.';
}
