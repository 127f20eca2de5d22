// Writes events to the ingress topic as a producer would, all at once or at a pace.
import { setTimeout as delay } from 'node:timers/promises';
import { encodeBinaryCloudEvent, type OutgoingRecord } from '@hookstream/contracts';
import { connectKafka, type RecordProducer } from '@hookstream/kafka';
import { z } from 'zod';
import { taggedData, tagText } from '../measure/event-tag.js';
import { monotonicMs } from '../measure/monotonic.js';
import { dueAtMs, dueBy } from '../measure/schedule.js';
import { operation, serve } from './serve.js';

const connectSchema = z.object({ brokers: z.string(), topic: z.string() });
const loadSchema = z.object({
  phase: z.number(),
  events: z.number(),
  dataBytes: z.number(),
  /** Event n has type `types[n % types.length]`. */
  types: z.array(z.string()).min(1),
});
const pacedSchema = z.object({ ...loadSchema.shape, perSecond: z.number() });
type Load = z.infer<typeof loadSchema>;

/** As many customers as make the events spread over the partitions. */
const SUBJECTS = 997;
const CHUNK = 1_000;
const TICK_MS = 1;
const HEAD_START_MS = 200;
/** What Kafka's own producer waits by default, from 4.0 on. */
const LINGER_MS = 5;

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
let connected: { readonly producer: RecordProducer; readonly topic: string } | undefined;

function connection() {
  if (connected === undefined) throw new Error('not connected');
  return connected;
}

function record(load: Load, number: number, topic: string): OutgoingRecord {
  const tag = { phase: load.phase, number };
  return encodeBinaryCloudEvent(topic, {
    organization: 'org_default',
    id: tagText(tag),
    source: 'benchmark',
    type: load.types[number % load.types.length] ?? '',
    subject: `customer-${number % SUBJECTS}`,
    dataContentType: 'application/json',
    data: taggedData(tag, load.dataBytes),
  });
}

async function burst(load: Load): Promise<{ startedAtMs: number; finishedAtMs: number }> {
  const { producer, topic } = connection();
  const startedAtMs = monotonicMs();
  for (let from = 0; from < load.events; from += CHUNK) {
    const count = Math.min(CHUNK, load.events - from);
    await producer.sendAll(Array.from({ length: count }, (_, n) => record(load, from + n, topic)));
  }
  return { startedAtMs, finishedAtMs: monotonicMs() };
}

/** `worstLagMs`: by how much the generator itself was late, at worst. */
async function paced(load: z.infer<typeof pacedSchema>): Promise<{ startsAtMs: number; worstLagMs: number }> {
  const { producer, topic } = connection();
  const startsAtMs = monotonicMs() + HEAD_START_MS;
  const schedule = { startsAtMs, perSecond: load.perSecond, count: load.events };
  const acknowledged: Promise<unknown>[] = [];
  let worstLagMs = 0;
  for (let next = 0; next < load.events; await delay(TICK_MS)) {
    const nowMs = monotonicMs();
    const due = dueBy(schedule, nowMs);
    if (due > next) worstLagMs = Math.max(worstLagMs, nowMs - dueAtMs(schedule, next));
    for (; next < due; next += 1) acknowledged.push(producer.send(record(load, next, topic)));
  }
  await Promise.all(acknowledged);
  return { startsAtMs, worstLagMs };
}

serve({
  connect: operation(connectSchema, async ({ brokers, topic }) => {
    const log = connectKafka({ brokers: brokers.split(','), clientId: 'hookstream-bench', logger: silent });
    const producer = log.producer({ lingerMs: LINGER_MS });
    await producer.start();
    connected = { producer, topic };
  }),
  burst: operation(loadSchema, burst),
  paced: operation(pacedSchema, paced),
});
