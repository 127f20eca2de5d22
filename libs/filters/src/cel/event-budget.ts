import { MAX_EVALUATION_STEPS } from './meter.js';

/** What asking an expression costs, whatever it does: some 4 µs. */
const STEPS_OF_EACH = 20;
/** Of all expressions that are asked about one event, some 100 ms: until then each may take what one is allowed. */
const FREE_STEPS = 500_000;
/** After that: what few expressions need a tenth of. */
const SPARE_STEPS = 500;
/** Of all expressions that are asked about one event, some 200 ms. */
const MAX_EVENT_STEPS = 1_000_000;

/**
 * Bounds what all expressions together may cost one event, however many subscriptions there are: a router holds a whole
 * partition meanwhile. Where costly ones have used up what is free, those that cost little are evaluated as ever.
 */
export class EventBudget {
  private spent = 0;

  /** Steps that the next expression may take; 0: none is evaluated any more. */
  get allowance(): number {
    if (this.spent < FREE_STEPS) return MAX_EVALUATION_STEPS;
    return this.spent < MAX_EVENT_STEPS ? SPARE_STEPS : 0;
  }

  spend(steps: number): void {
    this.spent += steps + STEPS_OF_EACH;
  }
}
