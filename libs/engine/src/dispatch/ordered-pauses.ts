import type { Delivery, SubscriptionDocument } from '@hookstream/contracts';
import type { SubscriptionEntry } from './subscription-table.js';

/** A resumed subscription goes on within this. */
const LOOK_AGAIN_MS = 1_000;
/** A pause that was asked for and has not come into force by then is not waited for any longer. */
const ASKED_FOR_MS = 10 * 60_000;

interface AskedFor {
  readonly version: number;
  readonly untilMs: number;
}

/**
 * Which ordered subscriptions stand still. A pause that this process has asked config-api for holds at once, so that
 * nothing of the subscription starts before the configuration says so too.
 */
export class OrderedPauses {
  private readonly askedFor = new Map<string, AskedFor>();

  /** The subscription is to be paused, as of this version. */
  begin({ id, version }: SubscriptionDocument, nowMs: number): void {
    this.askedFor.set(id, { version, untilMs: nowMs + ASKED_FOR_MS });
  }

  /** Undefined where the delivery need not wait: what is over must come up to be ended. */
  lookAgainAt(delivery: Delivery, entry: SubscriptionEntry | undefined, nowMs: number): number | undefined {
    if (entry?.kind !== 'subscription') return undefined;
    const { document } = entry;
    const isOver =
      !document.active ||
      delivery.runStartedAtMs < document.activatedAtMs ||
      nowMs - delivery.runStartedAtMs > document.settings.retry.maxAgeMs;
    if (isOver || !(document.paused || this.isAskedFor(document, nowMs))) return undefined;
    return nowMs + LOOK_AGAIN_MS;
  }

  private isAskedFor({ id, version }: SubscriptionDocument, nowMs: number): boolean {
    const asked = this.askedFor.get(id);
    if (!asked) return false;
    if (version <= asked.version && nowMs < asked.untilMs) return true;
    this.askedFor.delete(id);
    return false;
  }
}
