import { brokerKills, databaseAway } from './backends.js';
import { configChurn } from './config-churn.js';
import { sickEndpoints } from './endpoints.js';
import { failPoints } from './fail-points.js';
import { aKillOfTheHotPath, killsOfEach } from './kills.js';
import {
  joinAndLeave,
  leaveInABurst,
  rebalanceStorm,
  rollingRestart,
  shortRollingRestart,
  zombies,
} from './membership.js';
import type { Scenario } from './scenario.js';
import { internalTopics, sourceTopics } from './topics.js';

/** Part of `npm test`. */
const inShort: readonly Scenario[] = [
  aKillOfTheHotPath,
  shortRollingRestart,
  joinAndLeave,
  leaveInABurst,
  sourceTopics,
];

/** `npm run test:invariants`. */
const inFull: readonly Scenario[] = [
  killsOfEach,
  ...failPoints,
  zombies,
  rollingRestart,
  rebalanceStorm,
  brokerKills,
  databaseAway,
  sickEndpoints,
  configChurn,
  sourceTopics,
  internalTopics,
];

/** @param wanted `short`, `full`, or names separated by commas */
export function chosenScenarios(wanted: string): readonly Scenario[] {
  if (wanted === 'short') return inShort;
  if (wanted === 'full') return inFull;
  const all = [...inFull, ...inShort];
  return wanted.split(',').map((name) => {
    const found = all.find((scenario) => scenario.name === name);
    if (!found) throw new Error(`there is no scenario "${name}"; there are ${all.map((each) => each.name).join(', ')}`);
    return found;
  });
}
