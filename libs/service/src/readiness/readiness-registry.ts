import { messageOf } from '../failure.js';

/** `true`: ready. A text: not ready, and why. `false`: not ready, nothing to add. */
export type ReadinessCheck = () => boolean | string | Promise<boolean | string>;

export interface ReadinessReport {
  readonly ready: boolean;
  readonly checks: Readonly<Record<string, 'ok' | { readonly reason: string }>>;
}

/** What must hold before work may come: each part of a service registers its own check. */
export class ReadinessRegistry {
  readonly #checks = new Map<string, ReadinessCheck>();

  /** @throws Error when the name is taken */
  register(name: string, check: ReadinessCheck): void {
    if (this.#checks.has(name)) throw new Error(`readiness check "${name}" is registered twice`);
    this.#checks.set(name, check);
  }

  /** Runs all checks; one that throws, or takes longer than a second, is not ready. */
  async report(): Promise<ReadinessReport> {
    const entries = await Promise.all(
      [...this.#checks].map(async ([name, check]) => [name, await outcomeOf(check)] as const),
    );
    return { ready: entries.every(([, outcome]) => outcome === 'ok'), checks: Object.fromEntries(entries) };
  }
}

const CHECK_TIMEOUT_MS = 1_000;

async function outcomeOf(check: ReadinessCheck): Promise<'ok' | { readonly reason: string }> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve('no answer within 1 s'), CHECK_TIMEOUT_MS);
  });
  try {
    const result = await Promise.race([check(), timeout]);
    if (result === true) return 'ok';
    return { reason: result === false ? 'not ready' : result };
  } catch (error) {
    return { reason: messageOf(error) };
  } finally {
    clearTimeout(timer);
  }
}
