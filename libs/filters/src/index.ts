export { MAX_EVALUATION_STEPS } from './cel/meter.js';
export { MAX_EXPRESSION_LENGTH } from './cel/expression-problem.js';
export { explainMismatch } from './explain-mismatch.js';
export type { FailedClause } from './failed-clause.js';
export { FilteredEvent } from './filtered-event.js';
export { MAX_ATTRIBUTE_VALUE_LENGTH, MAX_FILTER_DEPTH, MAX_FILTERS, readFilters } from './read-filters.js';
export { SubscriptionFilters } from './subscription-filters.js';
export { FilterError, type Verdict } from './verdict.js';
