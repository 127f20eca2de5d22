import {
  type ConsumerHandlers,
  type ConsumerOptions,
  keyOf,
  type Membership,
  type PartitionIntake,
} from '@hookstream/kafka';
import { BrokerError } from '../broker/broker-error.js';
import { type FetchAnswer } from '../broker/cluster.js';
import { type Stretch } from '../broker/partition-log.js';
import { type Connection } from '../network/connection.js';
import { type ClientContext } from './client-context.js';
import { type GroupClient } from './group-client.js';
import { Wake } from './wake.js';

const MIB = 1024 * 1024;
const BACKOFF_MS = 300;

export interface FetchParts extends ClientContext {
  readonly options: ConsumerOptions;
  readonly handlers: ConsumerHandlers;
  readonly membership: Membership;
  readonly group: Pick<GroupClient, 'committed'>;
  /** Whether the partition may be fetched as far as others are concerned: not paused, no rebalance under way. */
  readonly mayFetch: (intake: PartitionIntake) => boolean;
  /** Resolves when the records are handled, or when others need not wait for that. */
  readonly handOver: (intake: PartitionIntake, stretch: Stretch) => Promise<void>;
}

/** Fetches, hands over what came, fetches again. */
export class FetchLoop {
  readonly #connection: Connection;
  readonly #wake: Wake;
  #stopped = false;
  #turn = 0;

  constructor(private readonly parts: FetchParts) {
    this.#connection = parts.network.connect(parts.replica);
    this.#wake = new Wake(parts.replica);
  }

  /** Something may be fetched that could not be before. */
  notify(): void {
    this.#wake.notify();
  }

  stop(): void {
    this.#stopped = true;
    this.#wake.notify();
  }

  async run(): Promise<void> {
    while (!this.#stopped) {
      const intakes = this.#fetchable();
      if (intakes.length === 0) {
        await this.#wake.wait();
        continue;
      }
      try {
        await this.#resolvePositions(intakes);
        await this.#fetch(intakes);
      } catch (error) {
        if (!(error instanceof BrokerError)) throw error;
        await this.#wake.wait(BACKOFF_MS);
      }
    }
  }

  /** Each time from another one on: what a full answer leaves out is first in the next. */
  #fetchable(): readonly PartitionIntake[] {
    const intakes = this.parts.membership.intakes().filter((intake) => this.#isFetchable(intake));
    this.#turn += 1;
    const first = this.#turn % Math.max(1, intakes.length);
    return [...intakes.slice(first), ...intakes.slice(0, first)];
  }

  #isFetchable(intake: PartitionIntake): boolean {
    return !this.#stopped && !intake.isHeld && this.parts.membership.holds(intake) && this.parts.mayFetch(intake);
  }

  /** Where a partition has no position yet it starts where the group stands, else at the earliest. */
  async #resolvePositions(intakes: readonly PartitionIntake[]): Promise<void> {
    const open = intakes.filter(({ position }) => position === undefined);
    if (open.length === 0) return;
    const stored = new Map((await this.parts.group.committed(open)).map((each) => [keyOf(each), each.offset]));
    const starts = await this.#connection.request(() => open.map((intake) => this.#startOf(intake)));
    for (const [i, intake] of open.entries()) {
      const start = starts[i];
      if (intake.position === undefined && start !== undefined) intake.seek(stored.get(keyOf(intake)) ?? start);
    }
  }

  async #fetch(intakes: readonly PartitionIntake[]): Promise<void> {
    const { replica, cluster, options, handlers } = this.parts;
    const asked = new Map<string, PartitionIntake>();
    const positions = intakes.flatMap((intake) => {
      const { topic, partition, position } = intake;
      if (position === undefined || !this.#isFetchable(intake)) return [];
      asked.set(keyOf(intake), intake);
      return [{ topic, partition, offset: position }];
    });
    // A topic has gone: wait like for a broker that is away.
    if (positions.length === 0) throw new BrokerError('UNKNOWN_TOPIC_OR_PARTITION');
    const sentAtMs = replica.performanceNow();
    const answers = await this.#connection.request(() =>
      cluster.fetch({
        positions,
        maxWaitMs: options.maxWaitMs ?? 250,
        maxBytesPerPartition: options.maxBytesPerPartition ?? MIB,
        maxBytes: options.maxBytes ?? 8 * MIB,
      }),
    );
    handlers.onFetch?.(sentAtMs);
    await this.#handOverAll(answers, asked);
  }

  async #handOverAll(answers: readonly FetchAnswer[], asked: ReadonlyMap<string, PartitionIntake>): Promise<void> {
    const waiting = [...answers];
    const takeTurns = async () => {
      for (let answer = waiting.shift(); answer !== undefined; answer = waiting.shift()) {
        const intake = asked.get(keyOf(answer));
        if (intake !== undefined) await this.#handOver(intake, answer);
      }
    };
    const { partitionsConsumedConcurrently = 4 } = this.parts.options;
    await Promise.all(Array.from({ length: Math.min(partitionsConsumedConcurrently, waiting.length) }, takeTurns));
  }

  async #handOver(intake: PartitionIntake, answer: FetchAnswer): Promise<void> {
    if (!this.#isFetchable(intake)) return;
    if ('code' in answer) {
      await this.#recover(intake, answer.code);
      return;
    }
    // Someone has sought meanwhile: this is not what is next.
    if (intake.position !== answer.stretch.firstOffset) return;
    await this.parts.handOver(intake, answer.stretch);
  }

  async #recover(intake: PartitionIntake, code: string): Promise<void> {
    if (code !== 'OFFSET_OUT_OF_RANGE') {
      await this.parts.replica.sleep(BACKOFF_MS);
      return;
    }
    const start = await this.#connection.request(() => this.#startOf(intake));
    if (start !== undefined) intake.seek(start);
  }

  #startOf({ topic, partition }: PartitionIntake): number | undefined {
    return this.parts.cluster.topic(topic)?.partitions[partition]?.startOffset;
  }
}
