import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Compression } from '@hookstream/kafka';
import { fetchKafka, findJava } from '@hookstream/testing';

/** Writes lines as records by Kafka's own console producer: its Java client, its framing of every codec. */
export async function writeByConsoleProducer(
  brokers: string,
  topic: string,
  lines: readonly string[],
  compression: Compression,
): Promise<void> {
  const { command } = await findJava();
  const { classPath } = await fetchKafka();
  const producer = spawn(
    command,
    [
      ...['-cp', classPath, 'org.apache.kafka.tools.ConsoleProducer'],
      ...['--bootstrap-server', brokers, '--topic', topic, '--compression-codec', compression],
    ],
    { stdio: ['pipe', 'ignore', 'pipe'] },
  );
  let complaint = '';
  producer.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
  producer.stdin.end(`${lines.join('\n')}\n`);
  const [code] = (await once(producer, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`the console producer ended with ${code}: ${complaint}`);
}
