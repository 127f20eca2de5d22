import { type LogAdmin } from '@hookstream/kafka';
import { messageOf } from '../failure.js';

const PING_EVERY_MS = 3_000;
const PING_TIMEOUT_MS = 2_000;

/** Asks a broker for a sign of life every few seconds; for services that neither consume nor read a table. */
export class KafkaPing {
  #timer: NodeJS.Timeout | undefined;
  #state: true | string = 'is starting';
  #closed = false;

  constructor(private readonly admin: LogAdmin) {}

  start(): void {
    void this.#ping();
  }

  readiness(): true | string {
    return this.#state;
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.admin.close();
  }

  async #ping(): Promise<void> {
    try {
      await this.admin.ping(PING_TIMEOUT_MS);
      this.#state = true;
    } catch (error) {
      this.#state = `no broker answers: ${messageOf(error)}`;
    }
    if (!this.#closed) this.#timer = setTimeout(() => void this.#ping(), PING_EVERY_MS).unref();
  }
}
