import { encodeRoutedBatch, type OutgoingRecord, type RoutedEvent } from '@hookstream/contracts';

/** Below the 1 MB that brokers take by default, whatever the topic allows. */
const MAX_ROUTED_BYTES = 900_000;
const MAX_ROUTED_EVENTS = 1_000;
/** JSON around two ids and a version. */
const ENTRY_BYTES = 80;
const EVENT_BYTES = 100;

/**
 * Gathers what the log is told of one intake batch into as few records as are small enough. An event with too many
 * subscriptions for one record comes in several, each with some of them.
 */
export class RoutedPacker {
  private events: RoutedEvent[] = [];
  private bytes = 0;

  constructor(
    private readonly topic: string,
    private readonly key: string,
  ) {}

  /** @param attributeBytes size of the event's attributes as JSON. @returns records that are full */
  add(routed: RoutedEvent, attributeBytes: number): OutgoingRecord[] {
    const perRecord = Math.max(1, MAX_ROUTED_BYTES - attributeBytes - EVENT_BYTES);
    const full: OutgoingRecord[] = [];
    for (const part of splitBySize(routed, perRecord)) {
      const bytes = EVENT_BYTES + attributeBytes + entriesBytes(part);
      if (this.bytes + bytes > MAX_ROUTED_BYTES || this.events.length >= MAX_ROUTED_EVENTS) full.push(...this.rest());
      this.events.push(part);
      this.bytes += bytes;
    }
    return full;
  }

  /** What is gathered so far, none if nothing is. */
  rest(): OutgoingRecord[] {
    const { events, topic } = this;
    this.events = [];
    this.bytes = 0;
    return events.length > 0 ? [encodeRoutedBatch(topic, { key: this.key, events })] : [];
  }
}

function entriesBytes({ matched, skipped, filterErrors }: RoutedEvent): number {
  let bytes = 0;
  for (const { subscription, delivery } of matched) bytes += ENTRY_BYTES + subscription.length + delivery.length;
  for (const { subscription } of skipped) bytes += ENTRY_BYTES + subscription.length;
  // A character of the message takes up to six bytes as JSON.
  for (const { subscription, message } of filterErrors) bytes += ENTRY_BYTES + subscription.length + 6 * message.length;
  return bytes;
}

function splitBySize(routed: RoutedEvent, maxBytes: number): RoutedEvent[] {
  const entries = routed.matched.length + routed.skipped.length + routed.filterErrors.length;
  if (entries < 2 || entriesBytes(routed) <= maxBytes) return [routed];
  const halves = [partOf(routed, firstHalf), partOf(routed, secondHalf)];
  return halves.flatMap((half) => splitBySize(half, maxBytes));
}

function partOf(routed: RoutedEvent, half: <T>(items: readonly T[]) => T[]): RoutedEvent {
  const { matched, skipped, filterErrors } = routed;
  return { ...routed, matched: half(matched), skipped: half(skipped), filterErrors: half(filterErrors) };
}

const firstHalf = <T>(items: readonly T[]): T[] => items.slice(0, Math.ceil(items.length / 2));
const secondHalf = <T>(items: readonly T[]): T[] => items.slice(Math.ceil(items.length / 2));
