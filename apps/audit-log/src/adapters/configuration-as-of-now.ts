import { setTimeout as sleep } from 'node:timers/promises';
import type { ConfigTable } from '@hookstream/service';

const POLL_MS = 25;
/** Configuration is in force within that long, or Kafka is away. */
const PATIENCE_MS = 5_000;

/**
 * Waits until everything that is published in `config` now is in force here: until a fetch that is sent from now on has
 * been answered.
 *
 * @throws Error when that takes too long: Kafka is away, and nothing can be said of what is in it
 */
export async function configurationAsOfNow(table: Pick<ConfigTable, 'lastFetchCompletedAtMs'>): Promise<void> {
  const calledAtMs = performance.now();
  while ((table.lastFetchCompletedAtMs() ?? -Infinity) < calledAtMs) {
    if (performance.now() - calledAtMs > PATIENCE_MS) throw new Error('the configuration cannot be read at the moment');
    await sleep(POLL_MS);
  }
}
