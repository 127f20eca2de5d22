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
  const args = ['--topic', topic, '--compression-codec', compression];
  await runTool('org.apache.kafka.tools.ConsoleProducer', brokers, args, `${lines.join('\n')}\n`);
}

export async function growTopic(brokers: string, topic: string, partitions: number): Promise<void> {
  const args = ['--alter', '--topic', topic, '--partitions', String(partitions)];
  await runTool('org.apache.kafka.tools.TopicCommand', brokers, args);
}

async function runTool(mainClass: string, brokers: string, args: readonly string[], input = ''): Promise<void> {
  const { command } = await findJava();
  const { classPath } = await fetchKafka();
  const tool = spawn(command, ['-cp', classPath, mainClass, '--bootstrap-server', brokers, ...args], {
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  let complaint = '';
  tool.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
  tool.stdin.end(input);
  const [code] = (await once(tool, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`${mainClass} ended with ${code}: ${complaint}`);
}
