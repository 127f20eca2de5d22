import { DEFAULT_CONCURRENCY, type PayloadSettings } from '@hookstream/domain';
import type { DeletedDocument, SecretBox, SubscriptionDocument } from '@hookstream/contracts';
import type { EndpointLimits } from '../endpoints/endpoint.js';
import type { BatchBounds } from '../lanes/gathering.js';

/** A subscription as it is in force. */
export interface SubscriptionInForce {
  readonly kind: 'subscription';
  readonly document: SubscriptionDocument;
  /** The signing keys in force at a time, newest first; opened once. @throws Error when one cannot be opened */
  readonly keys: (nowMs: number) => readonly Buffer[];
  /** Opens a secret of its settings. @throws Error when it cannot be opened */
  readonly open: (sealed: string) => Buffer;
}

export type SubscriptionEntry = SubscriptionInForce | { readonly kind: 'deleted' };

/** What a subscription allows at once; the default for one that is not known. */
export function limitsOf(entry: SubscriptionEntry | undefined): EndpointLimits {
  if (entry?.kind !== 'subscription') return { concurrency: DEFAULT_CONCURRENCY };
  const { rateLimit, payload } = entry.document.settings;
  const { concurrency, perSecond } = rateLimit;
  const limits = { concurrency: Math.max(1, concurrency), ...(perSecond !== undefined && { perSecond }) };
  return payload.batch ? { ...limits, perRequest: payload.batch.maxEntries } : limits;
}

/** Of the data in one request. */
const MAX_BATCH_BYTES = 1_048_576;
/** A template may give 256 KiB, and what it makes of the data may be longer. */
const MAX_TEMPLATE_BATCH_BYTES = 131_072;

function batchBoundsOf({ batch, template }: PayloadSettings): BatchBounds | undefined {
  if (!batch) return undefined;
  return { ...batch, maxBytes: template !== undefined ? MAX_TEMPLATE_BATCH_BYTES : MAX_BATCH_BYTES };
}

/** When it was last resumed, 0 if never; milliseconds since the epoch. */
export function resumedAtMsOf(entry: SubscriptionEntry | undefined): number {
  return entry?.kind === 'subscription' ? entry.document.resumedAtMs : 0;
}

export function isPaused(entry: SubscriptionEntry | undefined): boolean {
  return entry?.kind === 'subscription' && entry.document.paused;
}

/** The newest settings of every subscription, in memory; fed by the configuration topic in the order of versions. */
export class SubscriptionTable {
  private readonly entries = new Map<string, SubscriptionEntry>();
  /** Of those alone that take several deliveries in a request. */
  private readonly batches = new Map<string, BatchBounds>();

  constructor(private readonly secrets: Pick<SecretBox, 'open'>) {}

  /** `undefined`: never heard of it, or so long ago that it was forgotten. */
  get(id: string): SubscriptionEntry | undefined {
    return this.entries.get(id);
  }

  /** What its requests may hold; undefined where each holds one delivery. */
  batchOf(id: string): BatchBounds | undefined {
    return this.batches.get(id);
  }

  onSubscription(document: SubscriptionDocument): void {
    const { id, organization, sealedSecrets, secretsExpireAtMs: ends = [] } = document;
    let opened: readonly Buffer[] = [];
    let openedUntilMs = 0;
    const open = (sealed: string) => this.secrets.open(sealed, { organization, subscription: id });
    const keys = (nowMs: number) => {
      if (nowMs < openedUntilMs) return opened;
      // An end that has passed shortens the list; that it began before is told by a new document.
      const inForce = sealedSecrets.filter((_, index) => nowMs < (ends[index] ?? Infinity));
      opened = inForce.map(open);
      openedUntilMs = Math.min(...ends.map((end) => (end !== null && nowMs < end ? end : Infinity)));
      return opened;
    };
    this.entries.set(id, { kind: 'subscription', document, keys, open });
    const bounds = batchBoundsOf(document.settings.payload);
    if (bounds) this.batches.set(id, bounds);
    else this.batches.delete(id);
  }

  onDeleted({ id }: DeletedDocument): void {
    if (!id.startsWith('sub_')) return;
    this.entries.set(id, { kind: 'deleted' });
    this.batches.delete(id);
  }

  onForgotten(id: string): void {
    this.entries.delete(id);
    this.batches.delete(id);
  }
}
