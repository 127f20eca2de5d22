import { setTimeout as delay } from 'node:timers/promises';

export interface RepublicationParts {
  /** Marks everything for publishing; tells how many so far. */
  readonly markAll: (onMarked: (documents: number) => void) => Promise<number>;
  /** Publishes what is marked. @throws while the database or Kafka is away */
  readonly publish: () => Promise<void>;
  /** How many are marked. */
  readonly waiting: () => Promise<number>;
  readonly say: (line: string) => void;
  /** Between two lines, and before it is tried again. */
  readonly everyMs: number;
}

/** Publishes all configuration again, and says how far it is. Others may publish meanwhile, and what they did is not done twice. */
export async function republishAll({ markAll, publish, waiting, say, everyMs }: RepublicationParts): Promise<number> {
  const count = (documents: number) => documents.toLocaleString('en-US');
  let saidAtMs = performance.now();
  const sayNowAndThen = (line: () => string) => {
    if (performance.now() - saidAtMs < everyMs) return;
    saidAtMs = performance.now();
    say(line());
  };
  const all = await markAll((marked) => sayNowAndThen(() => `marked ${count(marked)} documents`));
  for (let isDone = false; !isDone;) {
    const over = new AbortController();
    const lines = (async () => {
      while (!over.signal.aborted) {
        await delay(everyMs, undefined, { signal: over.signal }).catch(() => undefined);
        if (over.signal.aborted) return;
        const left = await waiting().catch(() => undefined);
        if (left !== undefined) say(`published ${count(Math.max(0, all - left))} of ${count(all)}`);
      }
    })();
    try {
      await publish();
      isDone = true;
    } catch (error) {
      say(`not published yet (${error instanceof Error ? error.message : String(error)}); trying again`);
      await delay(everyMs);
    } finally {
      over.abort();
      await lines;
    }
  }
  return all;
}
