import { type Delivery } from '@hookstream/contracts';
import { keyOf, type TopicPartition } from '@hookstream/kafka';
import { type ObservedPlan } from '../../broker/group-coordinator.js';
import { mustHold } from '../../faults/broken-promise.js';

/**
 * A member of the new generation may not have heard of it yet: its fence closes 3 s after the last confirmed heartbeat was
 * sent. Who was expelled has been silent for longer than that.
 */
const MAX_LATE_MS = 3_000;
const GROUP = 'dispatcher';

/** Who owns what by the coordinator's word, and whether those who act still may. */
export class OwnershipWatch {
  readonly #owners = new Map<string, string>();
  #members: ReadonlySet<string> = new Set();
  readonly #everMembers = new Set<string>();
  readonly #lostAtMs = new Map<string, number>();
  #takeovers = 0;

  constructor(private readonly elapsedMs: () => number) {}

  /** Times a partition has gone from one replica to another. */
  get takeovers(): number {
    return this.#takeovers;
  }

  planned({ group, plan }: ObservedPlan): void {
    if (group !== GROUP) return;
    const clientOf = (memberId: string) => memberId.slice(0, memberId.indexOf('#'));
    this.#members = new Set([...plan.keys()].map(clientOf));
    for (const [memberId, partitions] of plan) {
      const client = clientOf(memberId);
      this.#everMembers.add(client);
      for (const partition of partitions) this.#owns(keyOf(partition), client);
    }
  }

  /** @throws `BrokenPromise` where someone starts an attempt before its time, or can know since long that it must not */
  starts(client: string, partition: TopicPartition, { id, dueAtMs }: Delivery, nowMs: number): void {
    mustHold(dueAtMs <= nowMs, () => `${client} starts ${id} ${dueAtMs - nowMs} ms early`);
    this.#mayActOn(partition, client);
  }

  /** @throws `BrokenPromise` where a dispatcher writes how a delivery goes on, and can know since long that another decides that */
  continues(client: string, partition: TopicPartition): void {
    if (this.#everMembers.has(client)) this.#mayActOn(partition, client);
  }

  #mayActOn(partition: TopicPartition, client: string): void {
    const key = keyOf(partition);
    if (this.#owners.get(key) === client) return;
    mustHold(this.#members.has(client), () => `${client} works on ${key} although it was expelled`);
    const lostAtMs = this.#lostAtMs.get(`${key} ${client}`);
    const lateMs = lostAtMs === undefined ? undefined : this.elapsedMs() - lostAtMs;
    mustHold(
      lateMs !== undefined && lateMs <= MAX_LATE_MS,
      () => `${client} works on ${key}, which it lost ${String(lateMs)} ms ago`,
    );
  }

  #owns(key: string, client: string): void {
    const before = this.#owners.get(key);
    if (before === client) return;
    this.#owners.set(key, client);
    if (before === undefined) return;
    this.#takeovers += 1;
    this.#lostAtMs.set(`${key} ${before}`, this.elapsedMs());
  }
}
