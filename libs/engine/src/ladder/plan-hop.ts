import { DELAY_LEVELS, type Topics } from '@hookstream/contracts';

/** Up to this a record waits in memory, by the millisecond, instead of in a level. */
export const NEAR_MS = 10_000;

/** How far past its due time a level may carry a record: half a second, or 1.5 % of the whole delay. */
const OVERSHOOT_MS = 500;
const OVERSHOOT_SHARE = 0.015;

/** A wait, both ends in milliseconds since the epoch. */
export interface Delay {
  readonly plannedAtMs: number;
  readonly dueAtMs: number;
}

/** Where a record that is due at some time goes next. */
export type Hop =
  { readonly kind: 'due' } | { readonly kind: 'near' } | { readonly kind: 'level'; readonly level: number };

const LEVELS_MS: readonly number[] = DELAY_LEVELS.map(([, delayMs]) => delayMs);

/**
 * The next stop of a delay: the smallest level that overshoots by no more than the tolerance, else the largest that
 * fits. A level carries its records for exactly its length, so a delay within a day is seven hops at most and less than
 * four on average, and one more for each day beyond.
 */
export function planHop({ plannedAtMs, dueAtMs }: Delay, nowMs: number): Hop {
  const leftMs = dueAtMs - nowMs;
  if (leftMs <= 0) return { kind: 'due' };
  if (leftMs <= NEAR_MS) return { kind: 'near' };
  const latestMs = leftMs + Math.max(OVERSHOOT_MS, (dueAtMs - plannedAtMs) * OVERSHOOT_SHARE);
  const overshooting = LEVELS_MS.findIndex((levelMs) => levelMs >= leftMs && levelMs <= latestMs);
  if (overshooting >= 0) return { kind: 'level', level: overshooting };
  return { kind: 'level', level: LEVELS_MS.findLastIndex((levelMs) => levelMs <= leftMs) };
}

/** The topic of the next stop; a record that is due goes back to `deliveries`. */
export function hopTopic(topics: Topics, delay: Delay, nowMs: number): string {
  const hop = planHop(delay, nowMs);
  switch (hop.kind) {
    case 'due':
      return topics.deliveries;
    case 'near':
      return topics.delayNear;
    case 'level':
      return topics.delayLevels[hop.level]?.topic ?? topics.delayNear;
  }
}
