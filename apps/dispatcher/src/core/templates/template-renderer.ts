import type { TemplateJob, TemplateLane, TemplateResult } from './template-lane.js';

export type Rendering =
  | { readonly kind: 'rendered'; readonly text: string; readonly isJson: boolean }
  /** The template's fault, now and at every other attempt. */
  | { readonly kind: 'failed'; readonly message: string }
  /** Ours; another attempt may do better. */
  | { readonly kind: 'unavailable'; readonly message: string };

export interface TemplateRendererParts {
  /** For all templates. */
  readonly lane: Pick<TemplateLane, 'run' | 'close'>;
  /** For those that took too much. */
  readonly offenders: Pick<TemplateLane, 'run' | 'close'>;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

/** How long a template that took too much runs beside those like it. */
const OFFENDING_MS = 60_000;
const MAX_OFFENDERS = 1_000;
const LATE = 'the template was not rendered in time, because others take long';

/**
 * Renders templates in two threads. One that does not come to an end costs the others half a second at most: it is tried once
 * more in the other thread, among those like it, and stays there for a minute.
 */
export class TemplateRenderer {
  private readonly offendingUntilMs = new Map<string, number>();

  constructor(private readonly parts: TemplateRendererParts) {}

  /** @param patienceMs how long it may wait for a thread */
  async render(job: TemplateJob, patienceMs: number): Promise<Rendering> {
    if (this.isOffending(job)) return this.second(job, patienceMs);
    const first = await this.parts.lane.run(job, patienceMs);
    switch (first.kind) {
      case 'rendered':
      case 'failed':
        return first;
      case 'not-begun':
        return { kind: 'unavailable', message: LATE };
      case 'died':
      case 'overran':
        this.offends(job);
        return this.second(job, patienceMs);
    }
  }

  close(): void {
    this.parts.lane.close();
    this.parts.offenders.close();
  }

  private async second(job: TemplateJob, patienceMs: number): Promise<Rendering> {
    const result: TemplateResult = await this.parts.offenders.run(job, patienceMs);
    switch (result.kind) {
      case 'rendered':
      case 'failed':
        return result;
      case 'not-begun':
        return { kind: 'unavailable', message: LATE };
      case 'died':
        this.offends(job);
        return { kind: 'unavailable', message: 'the thread that renders templates has ended' };
      case 'overran':
        this.offends(job);
        return { kind: 'failed', message: 'the template took too long' };
    }
  }

  private isOffending({ expression }: TemplateJob): boolean {
    return this.parts.now() < (this.offendingUntilMs.get(expression) ?? 0);
  }

  private offends({ expression }: TemplateJob): void {
    this.offendingUntilMs.delete(expression);
    this.offendingUntilMs.set(expression, this.parts.now() + OFFENDING_MS);
    const [oldest] = this.offendingUntilMs.keys();
    if (oldest !== undefined && this.offendingUntilMs.size > MAX_OFFENDERS) this.offendingUntilMs.delete(oldest);
  }
}
