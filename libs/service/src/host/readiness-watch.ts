import { type ServiceLogger } from '../logging/service-logger.js';
import { type ReadinessRegistry, type ReadinessReport } from '../readiness/readiness-registry.js';

const CHECK_MS = 1_000;
/** A line of waiting every five checks: every 5 s. */
const CHECKS_PER_LINE = 5;

/** Says in the log what a service waits for, every few seconds, and when it is ready. */
export class ReadinessWatch {
  #timer: NodeJS.Timeout | undefined;
  #ready: boolean | undefined;
  #checks = 0;

  constructor(
    private readonly readiness: ReadinessRegistry,
    private readonly logger: ServiceLogger,
  ) {}

  start(): void {
    this.#timer = setTimeout(() => void this.#check(), CHECK_MS).unref();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  async #check(): Promise<void> {
    const report = await this.readiness.report();
    if (!this.#timer) return;
    if (report.ready !== this.#ready) this.#checks = 0;
    if (report.ready && !this.#ready) this.logger.info('ready');
    if (!report.ready && this.#checks++ % CHECKS_PER_LINE === 0) this.logger.warn(`not ready: ${reasonsOf(report)}`);
    this.#ready = report.ready;
    this.start();
  }
}

function reasonsOf(report: ReadinessReport): string {
  return Object.entries(report.checks)
    .flatMap(([name, outcome]) => (outcome === 'ok' ? [] : [`${name}: ${outcome.reason}`]))
    .join('; ');
}
