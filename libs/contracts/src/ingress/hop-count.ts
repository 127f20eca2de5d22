import { PoisonRecord, type EventAttributes } from '@hookstream/domain';

/** On every request we send, and on whatever a receiver makes an event of in return: how often it has been delivered. */
export const HOPS_HEADER = 'hookstream-hops';
/** The same as an attribute of the event that came of it. */
const HOPS_EXTENSION = 'hookstreamhops';
/** A chain of installations is shorter, a circle is not. */
const MAX_HOPS = 8;
/** Of an event. */
interface Attributes {
  readonly extensions?: EventAttributes['extensions'] | undefined;
}

const COUNT = /^\d{1,4}$/;

/**
 * Of an event that says it came of a delivery, its hops as an extension: the larger of what a header and what an extension
 * tell; what is no number counts as nothing.
 *
 * @throws PoisonRecord `loop` where an event has come round too often: its receiver feeds us what we send it
 */
export function hopsExtension(
  header: string | undefined,
  extensions: readonly (readonly [string, string])[],
): readonly [string, string] | undefined {
  const extension = extensions.find(([name]) => name === HOPS_EXTENSION)?.[1];
  const hops = Math.max(countOf(header), countOf(extension));
  if (hops > MAX_HOPS) {
    throw new PoisonRecord(
      'loop',
      `the event has been delivered ${hops} times: an endpoint sends back what it receives`,
    );
  }
  return hops === 0 ? undefined : [HOPS_EXTENSION, String(hops)];
}

/** What the header of the next delivery of this event says. */
export function nextHops({ extensions }: Attributes): string {
  return String(countOf(extensions?.[HOPS_EXTENSION]) + 1);
}

/** The extensions of an event as its next delivery tells them: a CloudEvent that comes round without our header is known too. */
export function deliveredExtensions({ extensions }: Attributes): Readonly<Record<string, string>> {
  return { ...extensions, [HOPS_EXTENSION]: nextHops({ extensions }) };
}

function countOf(text: string | undefined): number {
  return text !== undefined && COUNT.test(text) ? Number(text) : 0;
}
