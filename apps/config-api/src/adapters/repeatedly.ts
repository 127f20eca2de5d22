import { setTimeout as delay } from 'node:timers/promises';
import { type ServiceHost } from '@hookstream/service';
import { type DataSource } from 'typeorm';

/** Does something with the database now and then, and once more before the service ends. What fails is told and tried again. */
export function repeatedly(
  { lifecycle, logger }: Pick<ServiceHost, 'lifecycle' | 'logger'>,
  name: string,
  intervalMs: number,
  dataSource: Pick<DataSource, 'isInitialized'>,
  work: () => Promise<unknown>,
): void {
  const stopping = new AbortController();
  const attempt = async () => {
    if (!dataSource.isInitialized) return;
    await work().catch((error: unknown) => logger.warn(`${name}: not written, tried again later`, { error }));
  };
  let running: Promise<void> | undefined;
  lifecycle.onStart(name, () => {
    running = (async () => {
      while (!stopping.signal.aborted) {
        await delay(intervalMs, undefined, { signal: stopping.signal }).catch(() => undefined);
        await attempt();
      }
    })();
    return Promise.resolve();
  });
  lifecycle.onDrain(name, async () => {
    stopping.abort();
    await running;
  });
}
