import {
  keyOf,
  KafkaRequestError,
  type PendingRecord,
  RecordTooLargeError,
  TransientKafkaError,
} from '@hookstream/kafka';
import { BrokerError, type BrokerErrorCode, codeOf } from '../broker/broker-error.js';
import { type ProduceAnswer, type ProducePart } from '../broker/cluster.js';
import { type ProducedRecord } from '../broker/partition-log.js';
import { type Connection } from '../network/connection.js';
import { type ClientContext } from './client-context.js';
import { type Partitioner } from './partitioner.js';

const FIRST_BACKOFF_MS = 100;
const LONGEST_BACKOFF_MS = 2_000;

/** Who an idempotent producer is to the brokers; forgotten where a batch's fate is unknown. */
export interface Idempotence {
  readonly producerId: number;
  readonly next: Map<string, number>;
}

export interface SendContext extends ClientContext {
  readonly connection: Connection;
  readonly partitioner: Partitioner;
  readonly deliveryTimeoutMs: number;
  readonly idempotence: Idempotence | undefined;
}

export interface SendReport {
  readonly retries: number;
  readonly failed: boolean;
  /** Why some were given up when their time was over: where order counts, all behind them must be too. */
  readonly gaveUp?: Error;
}

interface Part {
  readonly part: ProducePart;
  readonly entries: readonly PendingRecord[];
}

/** Sends records until they are acknowledged, refused or out of time, and settles each. */
export async function sendBatch(context: SendContext, batch: readonly PendingRecord[]): Promise<SendReport> {
  const { replica, connection, cluster, deliveryTimeoutMs } = context;
  const deadline = replica.performanceNow() + deliveryTimeoutMs;
  const partitionOf = new Map<PendingRecord, number>();
  let open: readonly PendingRecord[] = batch;
  let parts: readonly Part[] = [];
  let failed = false;
  for (let retries = 0; ; retries += 1) {
    let code: BrokerErrorCode;
    const withheld = open.filter(({ mayWrite }) => mayWrite && !mayWrite());
    if (withheld.length > 0) {
      const isOrdered = context.idempotence !== undefined;
      const failure = new TransientKafkaError(`${withheld.length} records were withheld`);
      for (const { reject } of isOrdered ? open : withheld) reject(failure);
      if (isOrdered) return { retries, failed: true, gaveUp: failure };
      open = open.filter((entry) => !withheld.includes(entry));
      parts = [];
      if (open.length === 0) return { retries, failed };
    }
    try {
      // The same parts again after a lost answer: that is how an idempotent producer's repeat is known.
      if (parts.length === 0) parts = toParts(context, open, partitionOf);
      const sent = parts;
      cluster.sends({ client: replica.name, parts: sent.map(({ part }) => part) });
      const answers = await connection.request(() => cluster.produce(sent.map(({ part }) => part)), {
        acknowledged: true,
      });
      const rest = settleAnswered(sent, answers);
      failed ||= rest.refused;
      if (rest.again.length === 0) return { retries, failed };
      open = rest.again;
      code = rest.code;
      parts = [];
    } catch (error) {
      if (!(error instanceof BrokerError)) throw error;
      code = codeOf(error) ?? 'UNREACHABLE';
    }
    if (replica.performanceNow() >= deadline) {
      const failure = failureOf(code, open.length, context);
      for (const { reject } of open) reject(failure);
      return { retries, failed: true, gaveUp: failure };
    }
    const backoffMs = Math.min(FIRST_BACKOFF_MS * 2 ** retries, LONGEST_BACKOFF_MS);
    await replica.sleep(Math.min(backoffMs, deadline - replica.performanceNow()));
  }
}

function toParts(
  { cluster, partitioner, idempotence, replica }: SendContext,
  entries: readonly PendingRecord[],
  partitionOf: Map<PendingRecord, number>,
): readonly Part[] {
  const groups = new Map<string, { topic: string; partition: number; entries: PendingRecord[] }>();
  for (const entry of entries) {
    const { record } = entry;
    const count = cluster.topic(record.topic)?.partitions.length;
    const partition = partitionOf.get(entry) ?? (count === undefined ? -1 : partitioner.choose(record, count));
    if (count !== undefined) partitionOf.set(entry, partition);
    const at = { topic: record.topic, partition };
    const group = groups.get(keyOf(at)) ?? { ...at, entries: [] };
    groups.set(keyOf(at), group);
    group.entries.push(entry);
  }
  return [...groups].map(([key, { topic, partition, entries: some }]) => {
    const first = idempotence?.next.get(key) ?? 0;
    idempotence?.next.set(key, first + some.length);
    const sequence = idempotence && { sequence: { producerId: idempotence.producerId, first } };
    const records = some.map((entry) => toProduced(entry, replica.now()));
    return { part: { topic, partition, records, ...sequence }, entries: some };
  });
}

function toProduced({ record: { key, value, headers } }: PendingRecord, timestamp: number): ProducedRecord {
  return {
    timestamp,
    key: key === null ? null : Buffer.from(key),
    value,
    headers: Object.fromEntries(Object.entries(headers ?? {}).map(([name, text]) => [name, Buffer.from(text)])),
  };
}

function settleAnswered(parts: readonly Part[], answers: readonly ProduceAnswer[]) {
  const again: PendingRecord[] = [];
  let code: BrokerErrorCode = 'UNREACHABLE';
  let refused = false;
  for (const [i, { part, entries }] of parts.entries()) {
    const answer = answers[i];
    if (answer?.kind === 'written') {
      const { partition } = part;
      entries.forEach(({ acknowledge }, at) => {
        acknowledge({ partition, offset: answer.baseOffset + at });
      });
      continue;
    }
    code = answer?.code ?? code;
    const atFault = new Set(answer?.records ?? []);
    for (const [at, entry] of entries.entries()) {
      if (!atFault.has(at)) again.push(entry);
      else entry.reject(new RecordTooLargeError(part.topic, entry.bytes, undefined));
    }
    refused ||= atFault.size > 0;
  }
  return { again, code, refused };
}

function failureOf(code: BrokerErrorCode, records: number, { deliveryTimeoutMs }: SendContext): Error {
  const text = `${records} records not acknowledged within ${deliveryTimeoutMs} ms: ${code}`;
  return code === 'UNREACHABLE' ? new TransientKafkaError(text) : new KafkaRequestError(text, code);
}
