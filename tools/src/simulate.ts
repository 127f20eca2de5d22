import { scenarios } from '@hookstream/simulator';
import { HELP, parseSimulateOptions } from './simulate/options.js';
import { printScale } from './simulate/print-scale.js';
import { runSimulation } from './simulate/run-simulation.js';

const options = parseSimulateOptions(
  process.argv.slice(2),
  scenarios.map(({ name }) => name),
);
if (typeof options === 'string') {
  console.error(`${options}\n\n${HELP}`);
  process.exitCode = 2;
} else if (options.help) {
  console.log(HELP);
} else if (options.scale) {
  const { from: seed, subscriptions, perSecond, durationSeconds } = options;
  await printScale({
    ...{ seed, subscriptions, deliveriesPerSecond: perSecond, durationMs: durationSeconds * 1_000, partitions: 12 },
    sickness: { down: 0.03, flapping: 0.01, slow: 0.01 },
  });
  process.exit();
} else {
  const wanted = scenarios.filter(({ name }) => options.scenarios.length === 0 || options.scenarios.includes(name));
  process.exitCode = await runSimulation(wanted, options);
}
