import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { type ServiceSettings } from '../settings/service-settings.js';
import { type BuildingHost } from './building-host.js';
import { type ReadinessWatch } from './readiness-watch.js';

export interface RunningService {
  /** `http://127.0.0.1:8080`: where it listens. */
  readonly url: string;
  /**
   * The whole graceful stop. Repeated calls share one. Rejects when a step failed (the others ran all the same), or
   * when `SHUTDOWN_TIMEOUT` passes.
   */
  stop(): Promise<void>;
}

/** A service whose HTTP listens: joins its groups when it can, and stops in order. */
export class RunningHost implements RunningService {
  #url = '';
  #stopped: Promise<void> | undefined;

  constructor(
    private readonly host: BuildingHost<ServiceSettings>,
    private readonly app: NestFastifyApplication,
    private readonly watch: ReadinessWatch,
  ) {}

  get url(): string {
    return this.#url;
  }

  begin(url: string): void {
    this.#url = url;
    this.host.logger.info('listening', { url });
    this.watch.start();
    void this.#join();
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#withinTimeout(this.#stop());
    return this.#stopped;
  }

  async #join(): Promise<void> {
    const started = await this.host.lifecycle.start();
    if (started) await this.app.startAllMicroservices();
  }

  async #stop(): Promise<void> {
    const { lifecycle, logger, transports } = this.host;
    const startedAt = performance.now();
    logger.info('stopping');
    this.watch.stop();
    lifecycle.beginStop();
    for (const transport of transports) transport.stopFetching();
    const failures = [...(await lifecycle.drain())];
    for (const left of await Promise.allSettled(transports.map((transport) => transport.close())))
      if (left.status === 'rejected') failures.push(new Error('left its group uncleanly', { cause: left.reason }));
    await this.app.close();
    failures.push(...(await lifecycle.close()));
    for (const error of failures) logger.error(error.message, { error });
    if (failures.length > 0) throw new AggregateError(failures, 'the service did not stop cleanly');
    logger.info('stopped', { durationMs: Math.round(performance.now() - startedAt) });
  }

  async #withinTimeout(stop: Promise<void>): Promise<void> {
    const timeoutMs = this.host.settings.SHUTDOWN_TIMEOUT;
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error(`the service did not stop within ${timeoutMs} ms`)), timeoutMs);
    });
    try {
      await Promise.race([stop, timeout]);
    } finally {
      clearTimeout(timer);
    }
  }
}
