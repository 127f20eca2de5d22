import { countLine, sum, type Count } from './test-run/count.js';
import { runTier } from './test-run/run-tier.js';
import { selectTiers } from './test-run/tiers.js';

const { tiers, jestArgs } = selectTiers(process.argv.slice(2));
const counts: Count[] = [];
for (const tier of tiers) {
  console.log(`\n── ${tier.name} tests`);
  counts.push(await runTier(tier, jestArgs));
}
const total = sum(counts);
for (const [index, tier] of tiers.entries())
  console.log(`${tier.name.padEnd(12)} ${countLine(counts[index] ?? sum([]))}`);
console.log(countLine(total));
process.exitCode = total.failed === 0 ? 0 : 1;
