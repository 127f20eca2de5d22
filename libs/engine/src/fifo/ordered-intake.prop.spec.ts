import { describe, expect, it } from '@jest/globals';
import type { ConsumedRecord } from '@hookstream/contracts';
import fc from 'fast-check';
import { TrackerTable, type OwnedPartition } from '../tracker/tracker-table.js';
import { OrderedIntake } from './ordered-intake.js';
import type { OrderedLimits } from './ordered-memory.js';
import type { OrderedItem } from './ordered-queue.js';

const TOPICS = { source: 'deliveries.fifo', hold: 'fifo.hold' };
const MAX_ATTEMPTS = 3;
/** So small that records are dropped from memory, read again, moved and rotated all the time. */
const LIMITS: OrderedLimits = {
  payloadBytes: 4,
  indexBytes: 1_000_000,
  queueRecords: 2,
  readAhead: 2,
  movingRecords: 3,
  movingBytes: 100,
  maxWaitMs: 500,
  rotateFrom: 6,
  holdWindow: 1_024,
};

interface Written {
  readonly id: string;
  readonly queue: string;
  readonly attempt: number;
  readonly hops: number;
  readonly dueAtMs: number;
  readonly position?: number;
}

interface Item extends OrderedItem {
  readonly written: Written;
}

type Task = () => void | Promise<void>;

function mulberry(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Two logs, reports and commits that survive, and one process at a time that does not. */
class World {
  readonly logs = { [TOPICS.source]: [] as Written[], [TOPICS.hold]: [] as Written[] };
  readonly commits = new Map<string, { offset: number; metadata: string }>();
  readonly reports: { readonly topic: string; readonly offset: number; readonly written: Written }[] = [];
  readonly successes: Written[] = [];
  readonly ended = new Set<string>();
  readonly broken: string[] = [];
  nowMs = 1_000_000;
  failing = 0.3;
  process: Process | undefined;

  constructor(readonly random: () => number) {}

  log(topic: string): Written[] {
    return this.logs[topic] ?? [];
  }

  restart(): void {
    this.process?.kill();
    this.process = new Process(this);
  }
}

class Process {
  readonly trackers = new TrackerTable({ window: LIMITS.holdWindow });
  readonly intake: OrderedIntake<Item>;
  readonly tasks: Task[] = [];
  readonly read = new Map<string, number>();
  readonly paused = new Set<string>();
  private readonly running = new Set<string>();
  private isDead = false;

  constructor(private readonly world: World) {
    this.intake = new OrderedIntake<Item>(
      this.trackers,
      TOPICS,
      {
        decode: (record, owner) => this.decode(record, owner),
        release: (item) => this.release(item),
        move: (item) => this.move(item),
        load: (range, onRecords) => this.load(range, onRecords),
        vanished: (queue, position) => void world.broken.push(`${queue}/${position} vanished`),
        pause: ({ topic }) => void this.paused.add(topic),
        resume: ({ topic }) => void this.paused.delete(topic),
        now: () => world.nowMs,
      },
      LIMITS,
    );
    const gained = Object.values(TOPICS).map((topic) => ({ topic, partition: 0 }));
    for (const at of gained) {
      const owner = this.trackers.assign(at, world.commits.get(at.topic) ?? { offset: 0, metadata: '' });
      this.read.set(at.topic, owner.tracker.nextOffset);
    }
    const endOf = (topic: string) => new Map([[0, world.log(topic).length]]);
    this.intake.assign(gained, { source: endOf(TOPICS.source), hold: endOf(TOPICS.hold) });
    for (const [index, { topic, offset, written }] of world.reports.entries()) {
      for (const at of gained) {
        const owner = this.trackers.get(at);
        owner?.handled.recall({ id: 'dlv_1', run: written.id, attempt: written.attempt });
        if (topic === at.topic) owner?.tracker.settle(offset, index);
      }
    }
  }

  kill(): void {
    this.isDead = true;
    this.tasks.length = 0;
  }

  fetch(topic: string): void {
    const from = this.read.get(topic) ?? 0;
    const log = this.world.log(topic);
    if (this.paused.has(topic) || from >= log.length) return;
    const to = Math.min(log.length, from + 1 + Math.floor(this.world.random() * 8));
    this.read.set(topic, to);
    const records = log.slice(from, to).map((written, at) => toRecord(topic, from + at, written));
    const range = { firstOffset: from, lastOffset: to - 1, highWatermark: log.length };
    this.intake.accept({ topic, partition: 0, records, ...range });
    this.intake.pump();
  }

  commit(): void {
    for (const { topic, offset, metadata, acknowledge } of this.trackers.dueCommits()) {
      this.world.commits.set(topic, { offset, metadata });
      acknowledge();
    }
  }

  isDone(): boolean {
    return Object.values(TOPICS).every(
      (topic) => this.world.commits.get(topic)?.offset === this.world.log(topic).length,
    );
  }

  private decode(record: ConsumedRecord, owner: OwnedPartition) {
    const written = fromRecord(record);
    const { offset } = record;
    const { id, queue, position = offset, dueAtMs, attempt, hops } = written;
    const item = { owner, offset, lane: 'l', group: 'g', bytes: 1, queue, position, dueAtMs, attempt, written };
    return { item, key: { id: 'dlv_1' as const, run: id, attempt, hops } };
  }

  private release(item: Item) {
    const { world, running } = this;
    if (item.dueAtMs > world.nowMs) world.broken.push('started early');
    if (running.has(item.queue)) world.broken.push(`two at once in ${item.queue}`);
    const chance = world.random();
    if (chance < 0.1) return 'full' as const;
    if (chance < 0.2) return 'lane-full' as const;
    if (chance < 0.25) return world.nowMs + 200;
    running.add(item.queue);
    if (chance < 0.3) this.tasks.push(() => this.retract(item));
    else if (chance < 0.4) this.tasks.push(() => this.postpone(item));
    else this.tasks.push(() => this.attempt(item));
    return 'started' as const;
  }

  private retract(item: Item): void {
    this.running.delete(item.queue);
    this.intake.retract(item);
  }

  private postpone(item: Item): void {
    const { written, position } = item;
    this.append({ ...written, position, hops: written.hops + 1, dueAtMs: this.world.nowMs + 700 });
    this.tasks.push(() => this.finish(item, written.attempt));
  }

  private attempt(item: Item): void {
    const { world } = this;
    const { written, owner, position } = item;
    const { id, attempt, hops } = written;
    if (!owner.handled.begin({ id: 'dlv_1', run: id, attempt, hops })) {
      this.finish(item);
      return;
    }
    if (world.random() >= world.failing) {
      world.successes.push(written);
      this.tasks.push(() => this.report(item));
    } else if (attempt === MAX_ATTEMPTS) {
      this.tasks.push(() => this.report(item));
    } else {
      const waitMs = Math.floor(world.random() * 2_000);
      this.tasks.push(() => {
        this.append({ ...written, position, attempt: attempt + 1, hops: 0, dueAtMs: world.nowMs + waitMs });
        this.tasks.push(() => this.report(item, attempt + 1));
      });
    }
  }

  private report(item: Item, nextAttempt?: number): void {
    const { owner, offset, written } = item;
    this.world.reports.push({ topic: owner.topic, offset, written });
    if (nextAttempt === undefined) this.world.ended.add(written.id);
    this.tasks.push(() => this.finish(item, nextAttempt));
  }

  private finish(item: Item, nextAttempt?: number): void {
    this.running.delete(item.queue);
    item.owner.tracker.finish(item.offset);
    this.intake.settled(item, nextAttempt);
    this.intake.started(item);
    this.intake.pump();
  }

  private move({ written, position }: Item): Promise<'moved'> {
    return new Promise((resolve) => {
      this.tasks.push(() => {
        this.append({ ...written, position, hops: written.hops + 1 });
        this.tasks.push(() => resolve('moved'));
      });
    });
  }

  private load(
    { topic, fromOffset, toOffset }: { topic: string; fromOffset: number; toOffset: number },
    onRecords: (records: readonly ConsumedRecord[]) => void,
  ): Promise<void> {
    return new Promise((resolve, reject) => {
      this.tasks.push(() => {
        if (this.world.random() < 0.1) reject(new Error('not now'));
        const log = this.world.log(topic).slice(fromOffset, toOffset);
        onRecords(log.map((written, at) => toRecord(topic, fromOffset + at, written)));
        resolve();
      });
    });
  }

  private append(written: Written): void {
    if (!this.isDead) this.world.log(TOPICS.hold).push(written);
  }
}

function toRecord(topic: string, offset: number, written: Written): ConsumedRecord {
  const value = Buffer.from(JSON.stringify(written));
  return { topic, partition: 0, offset, timestamp: 0, key: null, value, headers: {} };
}

function fromRecord({ value }: ConsumedRecord): Written {
  return JSON.parse(value?.toString() ?? '') as Written;
}

/** What can happen next, by chance; things that are under way come in any order. */
async function step(world: World, crashes: boolean): Promise<void> {
  const { random } = world;
  const process = world.process;
  if (!process) return;
  const chance = random();
  if (crashes && chance < 0.01) world.restart();
  else if (chance < 0.15) process.fetch(TOPICS.source);
  else if (chance < 0.35) process.fetch(TOPICS.hold);
  else if (chance < 0.4) process.commit();
  else if (chance < 0.55) {
    world.nowMs += Math.floor(random() * 300);
    process.intake.tick();
  } else {
    const [task] = process.tasks.splice(Math.floor(random() * process.tasks.length), 1);
    await task?.();
  }
  // Whatever waits for a promise goes on.
  await new Promise(setImmediate);
}

async function play(seed: number): Promise<World> {
  const random = mulberry(seed);
  const world = new World(random);
  const source = world.log(TOPICS.source);
  world.restart();
  for (let steps = 0; steps < 400; steps += 1) {
    if (random() < 0.3 && source.length < 60) {
      const [queue, repeat] = [`q${Math.floor(random() * 4)}`, source[Math.floor(random() * source.length)]];
      // A router that was killed writes a run of deliveries again.
      const written = repeat && random() < 0.1 ? repeat : { id: `e${source.length}`, queue };
      source.push({ attempt: 1, hops: 0, dueAtMs: 0, ...written });
    }
    await step(world, true);
  }
  world.failing = 0.1;
  for (let steps = 0; steps < 20_000 && !world.process?.isDone(); steps += 1) await step(world, false);
  return world;
}

/** Of each queue, where the events that succeeded stand in the log, in the order of their first success. */
function firstSuccesses(world: World): number[][] {
  const log = world.log(TOPICS.source);
  const queues = new Map<string, Set<string>>();
  for (const { queue, id } of world.successes) queues.set(queue, (queues.get(queue) ?? new Set<string>()).add(id));
  return [...queues.values()].map((ids) => [...ids].map((id) => log.findIndex((written) => written.id === id)));
}

describe('ordered deliveries', () => {
  it('succeed first in the order of the log, one at a time, whatever fails and whoever is killed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), async (seed) => {
        const world = await play(seed);
        expect(world.broken).toEqual([]);
        expect(world.process?.isDone()).toBe(true);
        const all = new Set(world.log(TOPICS.source).map(({ id }) => id));
        expect([...all].filter((id) => !world.ended.has(id))).toEqual([]);
        for (const firsts of firstSuccesses(world)) expect(firsts).toEqual(firsts.toSorted((a, b) => a - b));
      }),
      { numRuns: Number(process.env['FIFO_RUNS'] ?? 60) },
    );
  }, 60_000);
});
