import { Controller, Inject } from '@nestjs/common';
import type { RecordBatch } from '@hookstream/kafka';
import { BatchPattern, SERVICE_HOST, type FailPoint, type ServiceHost } from '@hookstream/service';
import { BatchRouter } from '../core/route-batch.js';
import { RouterMetrics } from './router-metrics.js';

export const INGRESS = 'ingress';

@Controller()
export class IngressController {
  private readonly taken: FailPoint;
  private readonly routed: FailPoint;

  constructor(
    @Inject(BatchRouter) private readonly router: BatchRouter,
    @Inject(RouterMetrics) private readonly metrics: RouterMetrics,
    @Inject(SERVICE_HOST) private readonly host: Pick<ServiceHost, 'logger' | 'failPoint'>,
  ) {
    this.taken = host.failPoint('router.batch-taken');
    this.routed = host.failPoint('router.batch-routed');
  }

  @BatchPattern(INGRESS)
  async onBatch(batch: RecordBatch): Promise<void> {
    const startedAt = performance.now();
    this.taken();
    const tally = await this.router.route(batch);
    this.routed();
    this.metrics.count(tally);
    const { topic, partition, firstOffset, lastOffset } = batch;
    const durationMs = Math.round(performance.now() - startedAt);
    const line = { topic, partition, firstOffset, lastOffset, ...tally, durationMs };
    if (Object.keys(tally.deadLetters).length > 0) this.host.logger.warn('routed a batch with dead letters', line);
    else this.host.logger.debug('routed a batch', line);
  }
}
