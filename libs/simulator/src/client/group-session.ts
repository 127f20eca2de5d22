import {
  type ConsumerHandlers,
  type ConsumerOptions,
  type LogAdmin,
  Membership,
  type MembershipChange,
  type OffsetCommit,
  type PartitionIntake,
  type RevocationReason,
  type RunningHandlers,
  startPositions,
  type TopicPartition,
  type TopicPartitionOffset,
  YIELD_WITHIN_MS,
} from '@hookstream/kafka';
import { codeOf, isFenced, isTransient } from '../broker/broker-error.js';
import { type Timer } from '../clock/clock.js';
import { type ClientContext } from './client-context.js';
import { FetchLoop } from './fetch-loop.js';
import { GroupClient, type Joined } from './group-client.js';
import { handOver } from './handover.js';
import { commitOwned } from './owned-offsets.js';

const REJOIN_AFTER_MS = 300;
const PREPARE_AGAIN_MS = 1_000;

export interface SessionParts extends ClientContext {
  readonly admin: LogAdmin;
  readonly options: ConsumerOptions;
  readonly handlers: ConsumerHandlers;
  readonly running: RunningHandlers;
  readonly isPaused: (partition: TopicPartition) => boolean;
}

/** One stay in the group with one list of topics: joins, and joins again whenever the group wants it, until it leaves. */
export class GroupSession {
  readonly membership = new Membership();
  readonly #group: GroupClient;
  readonly #loop: FetchLoop;
  #state: 'open' | 'leaving' | 'ended' = 'open';
  #isJoining = false;
  #assignedAtMs = 0;
  #heartbeat: Timer | undefined;
  #confirmedSentAtMs = 0;
  #untoldLosses = 0;
  /** Announcements to the handlers, one after the other. */
  #announcing: Promise<void> = Promise.resolve();

  constructor(
    readonly topics: readonly string[],
    private readonly parts: SessionParts,
  ) {
    this.#group = new GroupClient(parts, parts.options, topics);
    this.#loop = new FetchLoop({
      ...parts,
      membership: this.membership,
      group: this.#group,
      mayFetch: (intake) => !this.#isJoining && !parts.isPaused(intake),
      handOver: (intake, stretch) =>
        handOver(
          {
            clock: parts.replica,
            options: parts.options,
            handlers: parts.handlers,
            running: parts.running,
            released: () => {
              this.#loop.notify();
            },
          },
          intake,
          stretch,
        ),
    });
  }

  /** Resolves after the first join, however long that takes, or when it is left before. */
  async open(): Promise<void> {
    await this.#join();
    void this.#loop.run();
  }

  commit(offsets: readonly OffsetCommit[]): Promise<void> {
    return commitOwned(this.parts.replica, this.membership, this.#group, offsets);
  }

  pausesChanged(): void {
    this.#loop.notify();
  }

  seek(position: TopicPartitionOffset): void {
    this.membership.find(position)?.seek(position.offset);
  }

  /** Stops fetching, lets running handlers and `onRevoked` finish and commit, leaves the group. */
  async leave(): Promise<void> {
    this.#state = 'leaving';
    for (const intake of this.membership.intakes()) intake.hold('leaving');
    await this.parts.running.allFinished();
    await this.#announcing;
    await this.#tellRevoked(this.membership.intakes(), 'leaving');
    this.#state = 'ended';
    this.#loop.stop();
    this.parts.replica.clearTimeout(this.#heartbeat);
    this.membership.leave();
    // A group that does not hear of it finds out by itself.
    await this.#group.leave().catch(() => undefined);
  }

  async #join(): Promise<void> {
    this.#isJoining = true;
    this.parts.replica.clearTimeout(this.#heartbeat);
    while (this.#state !== 'ended') {
      const sentAtMs = this.parts.replica.performanceNow();
      try {
        const owned = { partitions: this.membership.intakes(), assignedAtMs: this.#assignedAtMs };
        const joined = await this.#group.join(owned);
        this.#isJoining = false;
        this.#joined(joined, sentAtMs);
        return;
      } catch (error) {
        if (codeOf(error) === 'UNKNOWN_MEMBER_ID') this.#group.forgetMember();
        else if (!isTransient(error) && !isFenced(error)) throw error;
      }
      await this.parts.replica.sleep(REJOIN_AFTER_MS);
    }
  }

  #joined({ memberId, assigned }: Joined, sentAtMs: number): void {
    if (this.#state === 'ended') return;
    const change = this.membership.join(memberId, assigned);
    this.#assignedAtMs = this.parts.replica.now();
    for (const intake of change.gained) intake.hold(this.#state === 'open' ? 'being-assigned' : 'leaving');
    this.#confirmedSentAtMs = sentAtMs;
    if (change.lost.length > 0) this.#untoldLosses += 1;
    this.#confirm();
    if (this.#state === 'open') this.#announcing = this.#announcing.then(() => this.#announce(change));
    this.#scheduleHeartbeat();
    this.#loop.notify();
  }

  /** Not before the owner knows what he has lost: he would go on with it. */
  #confirm(): void {
    if (this.#untoldLosses === 0) this.parts.handlers.onHeartbeat?.(this.#confirmedSentAtMs);
  }

  #scheduleHeartbeat(): void {
    const { replica, options } = this.parts;
    this.#heartbeat = replica.setTimeout(() => {
      void this.#beat();
    }, options.heartbeatIntervalMs ?? 1_000);
  }

  async #beat(): Promise<void> {
    const { replica } = this.parts;
    const sentAtMs = replica.performanceNow();
    try {
      await this.#group.heartbeat();
      if (this.#state === 'ended') return;
      this.#confirmedSentAtMs = sentAtMs;
      this.#confirm();
    } catch (error) {
      if (this.#state === 'ended') return;
      const code = codeOf(error);
      if (code === 'UNKNOWN_MEMBER_ID') this.#group.forgetMember();
      else if (code !== 'UNREACHABLE') await this.#yield();
      if (code !== 'UNREACHABLE') {
        await this.#join();
        return;
      }
    }
    this.#scheduleHeartbeat();
  }

  async #yield(): Promise<void> {
    const { replica, handlers } = this.parts;
    await Promise.race([handlers.onRebalancing?.(), replica.sleep(YIELD_WITHIN_MS)]);
  }

  async #announce({ lost, gained }: MembershipChange): Promise<void> {
    await this.#tellRevoked(lost, 'lost');
    if (lost.length > 0) {
      this.#untoldLosses -= 1;
      this.#confirm();
    }
    for (;;) {
      const current = gained.filter((intake) => this.membership.holds(intake));
      if (current.length === 0 || this.#state !== 'open') return;
      try {
        await this.#prepare(current);
        return;
      } catch {
        await this.parts.replica.sleep(PREPARE_AGAIN_MS);
      }
    }
  }

  async #prepare(gained: readonly PartitionIntake[]): Promise<void> {
    const { admin, options, handlers, running } = this.parts;
    await Promise.all(gained.map((intake) => running.finished(intake)));
    const starts = await startPositions(admin, options.groupId, gained, options.startAt ?? 'earliest');
    for (const start of starts) this.seek(start);
    await this.commit(starts);
    for (const intake of gained) intake.announced = true;
    await handlers.onAssigned?.(gained.map(({ topic, partition }) => ({ topic, partition })));
    for (const intake of gained) intake.release('being-assigned');
    this.#loop.notify();
  }

  async #tellRevoked(lost: readonly PartitionIntake[], reason: RevocationReason): Promise<void> {
    const known = lost.filter(({ announced }) => announced).map(({ topic, partition }) => ({ topic, partition }));
    if (known.length === 0) return;
    await this.parts.handlers.onRevoked?.(known, reason);
  }
}
