import { setTimeout as sleep } from 'node:timers/promises';
import { type Admin } from 'kafkajs';
import { toKafkaError, verdictOf } from '../client/error-mapping.js';
import { type KafkaClients } from '../client/kafka-clients.js';
import { ClosedError } from '../errors.js';

const ATTEMPTS = 3;
const BACKOFF_MS = 200;

/**
 * A connection for requests, opened by the first of them and made anew when one fails for lack of a broker, or of a topic:
 * kafkajs asks for all topics a connection was ever used for, and one that is deleted meanwhile fails what concerns others.
 */
export class AdminClient {
  #admin: Promise<Admin> | undefined;
  #closed = false;

  constructor(readonly clients: KafkaClients) {}

  /** Tries three times where trying again can help. Rejects with an error of our closed list; `what` names the request. */
  async request<T>(what: string, send: (admin: Admin) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      if (this.#closed) throw new ClosedError(`${what}: the admin client is closed`);
      try {
        return await send(await this.#connected());
      } catch (error) {
        const verdict = verdictOf(error);
        const again = verdict === 'transient' || verdict === 'unknown-topic';
        if (again) await this.#discard();
        if (!again || attempt === ATTEMPTS) throw toKafkaError(what, error);
        await sleep(BACKOFF_MS * attempt);
      }
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#discard();
  }

  #connected(): Promise<Admin> {
    this.#admin ??= this.#connect();
    return this.#admin;
  }

  async #connect(): Promise<Admin> {
    const admin = this.clients.kafka().admin();
    try {
      await admin.connect();
      return admin;
    } catch (error) {
      await admin.disconnect().catch(() => undefined);
      throw error;
    }
  }

  async #discard(): Promise<void> {
    const admin = this.#admin;
    this.#admin = undefined;
    await admin?.then((connected) => connected.disconnect()).catch(() => undefined);
  }
}
