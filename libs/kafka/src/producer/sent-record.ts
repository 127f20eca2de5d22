import { type Message } from 'kafkajs';
import { type RecordPosition } from '../ports.js';
import { type ProducedMessage } from '../wire/produce-request.js';
import { type PendingRecord } from './pending-record.js';

/** A record as kafkajs takes it: settled once, however often it is sent and answered. */
export class SentRecord implements Message, ProducedMessage {
  readonly topic: string;
  readonly key: string | Buffer | null;
  readonly value: Buffer | null;
  readonly bytes: number;
  declare readonly headers?: Readonly<Record<string, string | Buffer>>;
  declare readonly partition?: number;
  #pending: PendingRecord | undefined;

  constructor(pending: PendingRecord) {
    const { topic, key, value, headers, partition } = pending.record;
    this.topic = topic;
    this.key = key;
    this.value = value;
    this.bytes = pending.bytes;
    if (headers !== undefined) this.headers = headers;
    if (partition !== undefined) this.partition = partition;
    this.#pending = pending;
  }

  get isSettled(): boolean {
    return this.#pending === undefined;
  }

  /** Nobody has said otherwise, now. */
  get mayBeWritten(): boolean {
    return this.#pending?.mayWrite === undefined || this.#pending.mayWrite();
  }

  written(position: RecordPosition): void {
    this.#pending?.acknowledge(position);
    this.#pending = undefined;
  }

  reject(failure: Error): void {
    this.#pending?.reject(failure);
    this.#pending = undefined;
  }
}
