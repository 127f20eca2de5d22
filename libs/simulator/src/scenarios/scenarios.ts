import {
  engineFrozen,
  engineRebalancing,
  engineRolling,
  engineUnderFaults,
} from './engine-under-faults/engine-under-faults.js';
import { logPromises } from './log-promises/log-promises.js';
import { type Scenario } from './scenario.js';

export const scenarios: readonly Scenario[] = [
  logPromises,
  engineUnderFaults,
  engineRebalancing,
  engineRolling,
  engineFrozen,
];
