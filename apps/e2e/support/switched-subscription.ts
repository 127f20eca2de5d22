import { setTimeout as delay } from 'node:timers/promises';
import { eventually, type ScriptedReceiver } from '@hookstream/testing';
import type { ApiClient } from './api-client.js';

/** An acknowledged change is in force everywhere within this. */
export const IN_FORCE_MS = 5_000;

/** A subscription that is switched off and on while events come for it, and when its endpoint last heard of them. */
export class SwitchedSubscription {
  /** What came later than this after an acknowledged deactivation, by how much; 0 where nothing did. Milliseconds. */
  readonly lateMs: number[] = [];
  /** From asking for an activation to the first event that came. Milliseconds. */
  readonly awakeMs: number[] = [];

  constructor(
    private readonly api: ApiClient,
    private readonly receiver: ScriptedReceiver,
    readonly id: string,
    private readonly path: string,
  ) {}

  /** Off for so long, then on until an event comes. */
  async offAndOn(offMs: number): Promise<void> {
    const acknowledgedAtMs = await this.change('POST', 'deactivate');
    await delay(offMs);
    const lastAtMs = Math.max(0, ...this.arrivals());
    this.lateMs.push(Math.max(0, lastAtMs - acknowledgedAtMs));
    const askedAtMs = Date.now();
    await this.change('POST', 'activate');
    const first = () => this.arrivals().find((atMs) => atMs >= askedAtMs);
    await eventually(() => first() ?? Promise.reject(new Error(`nothing comes to ${this.path}`)), {
      timeoutMs: 2 * IN_FORCE_MS,
    });
    this.awakeMs.push((first() ?? 0) - askedAtMs);
  }

  /** @returns when it was acknowledged, milliseconds since the epoch */
  async end(): Promise<number> {
    return this.change('DELETE', '');
  }

  /** Milliseconds since the epoch. */
  arrivals(): number[] {
    return this.receiver.requestsTo(this.path).map(({ arrivedAtMs }) => arrivedAtMs);
  }

  private async change(method: string, action: string): Promise<number> {
    const { status, headers } = await this.api.call(method, `/v1/subscriptions/${this.id}${action && `/${action}`}`);
    if (status >= 300) throw new Error(`${method} ${action}: ${status}`);
    if (headers.has('hookstream-propagation')) throw new Error('Kafka did not have it in time');
    return Date.now();
  }
}
