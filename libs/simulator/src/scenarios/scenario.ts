/** What came of one run. */
export interface ScenarioReport {
  /** Two runs of one seed have the same. */
  readonly digest: string;
  readonly virtualMs: number;
  readonly events: number;
  /** The figures of this scenario. */
  readonly counts: Readonly<Record<string, number>>;
}

/** One world from its seed to its ledger. Rejects where a promise is broken, with what happened last. */
export interface Scenario {
  readonly name: string;
  readonly run: (seed: number) => Promise<ScenarioReport>;
}

/** A failed run with what is needed to look into it. */
export class FailedRun extends Error {
  override readonly name = 'FailedRun';

  constructor(
    readonly scenario: string,
    readonly seed: number,
    /** What happened last, oldest first. */
    readonly lastLines: readonly string[],
    cause: unknown,
  ) {
    super(`${scenario} with seed ${seed}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}
