import { type Cluster } from '../../broker/cluster.js';
import { mustHold } from '../../faults/broken-promise.js';
import { ATTEMPTS, decodeOutcome, nameOfWork, type Work } from './work-record.js';

/** What was accepted from the producer, what reached the endpoints, and how each delivery has ended. */
export class DeliveryLedger {
  readonly #produced = new Set<string>();
  /** Which stays of which replicas have sent each attempt. */
  readonly #receipts = new Map<string, string[]>();
  /** Deliveries that reached an endpoint and were accepted there. */
  readonly #accepted = new Set<string>();
  /** States at which each delivery has ended, by the log of attempts. */
  readonly #ends = new Map<string, Set<string>>();
  readonly #readTo: number[] = [];
  #requests = 0;
  #duplicates = 0;

  get produced(): number {
    return this.#produced.size;
  }

  get requests(): number {
    return this.#requests;
  }

  /** Requests for an attempt that had reached its endpoint before. */
  get duplicates(): number {
    return this.#duplicates;
  }

  wasProduced(work: Work): void {
    this.#produced.add(nameOfWork(work));
  }

  /** @param ownership of which stay of which replica with the partition it was sent */
  received(work: Work, ownership: string, accepted: boolean): void {
    this.#requests += 1;
    const name = nameOfWork(work);
    if (accepted) this.#accepted.add(name);
    const key = `${name}#${work.attempt}`;
    const before = this.#receipts.get(key);
    if (before === undefined) {
      this.#receipts.set(key, [ownership]);
      return;
    }
    this.#duplicates += 1;
    before.push(ownership);
  }

  /** Deliveries that have no end in the log of attempts so far. */
  unfinished(cluster: Cluster): readonly string[] {
    this.#readOn(cluster);
    return [...this.#produced].filter((name) => !this.#ends.has(name));
  }

  /** Repeats come from a change of owner only, and nothing is reported as delivered that was not. */
  check(cluster: Cluster): void {
    this.#readOn(cluster);
    for (const [key, owners] of this.#receipts) {
      mustHold(new Set(owners).size === owners.length, () => `${key} was repeated by one owner: ${owners.join(' ')}`);
    }
    for (const [name, states] of this.#ends) {
      mustHold(!states.has('delivered') || this.#accepted.has(name), () => `${name} is reported, and was not accepted`);
    }
  }

  #readOn(cluster: Cluster): void {
    for (const { partition, records } of cluster.partitions(ATTEMPTS)) {
      for (const record of records.slice(this.#readTo[partition] ?? 0)) {
        const { name, state } = decodeOutcome(record);
        if (state === 'retrying') continue;
        this.#ends.set(name, (this.#ends.get(name) ?? new Set()).add(state));
      }
      this.#readTo[partition] = records.length;
    }
  }
}
