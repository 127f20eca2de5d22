import { decodeDelivery, decodeReport, decodeSettlement, type Delivery, type Topics } from '@hookstream/contracts';
import { type Cluster } from '../../broker/cluster.js';
import { mustHold } from '../../faults/broken-promise.js';
import { waysOf } from './engine-world.js';

/** One stay of one process with one partition, from the moment it was told of it. */
export interface Stay {
  readonly name: string;
  readonly partition: number;
  /** Where the reports ended then. */
  readonly reportsEnd: number;
  /** Whether it could read them. */
  readonly informed: () => boolean;
}

interface Receipt {
  readonly stay: string;
  readonly delivery: string;
}

interface Ends {
  /** Attempts that ended a run. A report may be written twice, where the broker's answer is lost. */
  readonly attempts: Set<number>;
  readonly states: Set<string>;
}

/** What was accepted from the producer, what reached the receivers, and how each delivery has ended. */
export class DeliveryLedger {
  readonly #produced = new Set<string>();
  readonly #stays = new Map<string, Stay>();
  /** Which stays have sent each attempt. */
  readonly #receipts = new Map<string, Receipt[]>();
  /** Deliveries that were accepted by their receiver. */
  readonly #accepted = new Set<string>();
  readonly #ends = new Map<string, Ends>();
  /** Where the first report lies that finishes each attempt's record. */
  readonly #settledAt = new Map<string, number>();
  /** Reports that finish the record of a failed attempt: the delivery's next one, and where the report lies. */
  readonly #followed = new Map<string, string>();
  /** By ordering key, the last position that was accepted for the first time. */
  readonly #lastInOrder = new Map<string, number>();
  readonly #outOfOrder: string[] = [];
  readonly #readTo: number[] = [];
  #requests = 0;
  #duplicates = 0;

  get produced(): number {
    return this.#produced.size;
  }

  get requests(): number {
    return this.#requests;
  }

  /** Requests for an attempt that had been made before. */
  get duplicates(): number {
    return this.#duplicates;
  }

  began(stay: Stay): void {
    this.#stays.set(stay.name, stay);
  }

  wasProduced(delivery: string): void {
    this.#produced.add(delivery);
  }

  attempted({ id, attempt, subscription, order }: Delivery, stay: string, accepted: boolean): void {
    this.#requests += 1;
    if (accepted && !this.#accepted.has(id)) {
      if (order?.position !== undefined) this.#inOrder(`${subscription}/${order.key}`, order.position, id);
      this.#accepted.add(id);
    }
    const key = `${id}#${attempt}`;
    const before = this.#receipts.get(key);
    if (before === undefined) {
      this.#receipts.set(key, [{ stay, delivery: id }]);
      return;
    }
    this.#duplicates += 1;
    before.push({ stay, delivery: id });
  }

  #inOrder(queue: string, position: number, delivery: string): void {
    const before = this.#lastInOrder.get(queue) ?? -1;
    if (position < before) this.#outOfOrder.push(`${delivery} of ${queue} at ${position} came after ${before}`);
    this.#lastInOrder.set(queue, Math.max(before, position));
  }

  /** Deliveries that have no end in the log of attempts so far. */
  unfinished(cluster: Cluster, topics: Topics): readonly string[] {
    this.#readOn(cluster, topics);
    return [...this.#produced].filter((name) => !this.#ends.has(name));
  }

  /** @throws `BrokenPromise` */
  check(cluster: Cluster, topics: Topics): void {
    this.#readOn(cluster, topics);
    this.#mustBeFollowed(cluster, topics);
    mustHold(this.#outOfOrder.length === 0, () => this.#outOfOrder.slice(0, 3).join('; '));
    const repeated = new Map<string, number>();
    for (const [key, receipts] of this.#receipts) {
      if (receipts.length === 1) continue;
      this.#mustBeAllowed(key, receipts);
      const delivery = receipts[0]?.delivery ?? '';
      repeated.set(delivery, (repeated.get(delivery) ?? 0) + receipts.length - 1);
    }
    for (const [name, { states, attempts }] of this.#ends) {
      mustHold(!states.has('dead-lettered'), () => `${name} became a dead letter`);
      mustHold(!states.has('delivered') || this.#accepted.has(name), () => `${name} is reported, and was not accepted`);
      const repeats = repeated.get(name) ?? 0;
      mustHold(attempts.size <= 1 + repeats, () => `${name} has ended ${attempts.size} times with ${repeats} repeats`);
    }
  }

  /**
   * An owner repeats nothing of its own, and of its predecessors' only what was under way: an attempt whose report was
   * there when it came is not made again.
   */
  #mustBeAllowed(key: string, receipts: readonly Receipt[]): void {
    const names = receipts.map(({ stay }) => stay);
    mustHold(new Set(names).size === names.length, () => `${key} was repeated by one owner: ${names.join(' ')}`);
    const settledAt = this.#settledAt.get(key) ?? Infinity;
    for (const name of names.slice(1)) {
      const stay = this.#stays.get(name);
      const knew = stay !== undefined && stay.informed() && settledAt < stay.reportsEnd;
      mustHold(!knew, () => `${key} was repeated by ${name}, which had its report to read: ${names.join(' ')}`);
    }
  }

  /** Who says that the record of a failed attempt is finished has seen the next attempt acknowledged. */
  #mustBeFollowed(cluster: Cluster, topics: Topics): void {
    const written = new Set<string>();
    for (const topic of waysOf(topics).waiting) {
      for (const { records } of cluster.partitions(topic)) {
        for (const record of records) {
          const { id, attempt } = decodeDelivery(record);
          written.add(`${id}#${attempt}`);
        }
      }
    }
    for (const [next, place] of this.#followed) {
      mustHold(written.has(next), () => `${place} finishes a record, and ${next} was not written`);
    }
  }

  #readOn(cluster: Cluster, { attempts }: Topics): void {
    for (const { partition, records } of cluster.partitions(attempts)) {
      for (const record of records.slice(this.#readTo[partition] ?? 0)) {
        const report = decodeReport(record);
        const settlement = decodeSettlement(record);
        const key = report.kind === 'attempt' ? `${report.delivery}#${report.number}` : undefined;
        if (settlement && key !== undefined && !this.#settledAt.has(key)) this.#settledAt.set(key, record.offset);
        if (report.kind === 'attempt' && report.state === 'retrying') {
          const next = `${report.delivery}#${report.number + 1}`;
          if (settlement) this.#followed.set(next, `attempts/${partition} @${record.offset}`);
          continue;
        }
        const ends = this.#ends.get(report.delivery) ?? { attempts: new Set<number>(), states: new Set<string>() };
        ends.states.add(report.state);
        if (report.kind === 'attempt') ends.attempts.add(report.number);
        this.#ends.set(report.delivery, ends);
      }
      this.#readTo[partition] = records.length;
    }
  }
}
