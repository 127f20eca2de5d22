/** What became of the events of one phase, by their numbers. */
export interface Ledger {
  readonly expected: number;
  /** Numbers that never arrived: one is enough to void a run. */
  readonly missing: readonly number[];
  /** Arrivals beyond the first. */
  readonly duplicates: number;
}

/**
 * @param events numbers from 0 to below this
 * @param counts arrivals by number; shorter than `events` means that the rest never arrived
 * @param isExpected which of the numbers have to arrive; all, unless told
 */
export function reconcile(events: number, counts: Uint8Array, isExpected: (n: number) => boolean = () => true): Ledger {
  const missing: number[] = [];
  let expected = 0;
  let duplicates = 0;
  for (let n = 0; n < events; n += 1) {
    if (!isExpected(n)) continue;
    expected += 1;
    const count = counts[n] ?? 0;
    if (count === 0) missing.push(n);
    else duplicates += count - 1;
  }
  return { expected, missing, duplicates };
}

const SHOWN = 10;

/** One line for a person, undefined when nothing is missing. */
export function complaint({ expected, missing }: Ledger): string | undefined {
  if (missing.length === 0) return undefined;
  const more = missing.length > SHOWN ? ', …' : '';
  return `${missing.length} of ${expected} events never arrived: ${missing.slice(0, SHOWN).join(', ')}${more}`;
}
