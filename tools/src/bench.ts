import { HELP, parseBenchOptions } from './bench/options.js';
import { runBench } from './bench/run-bench.js';

const options = parseBenchOptions(process.argv.slice(2));
if (typeof options === 'string') {
  console.error(`${options}\n\n${HELP}`);
  process.exitCode = 2;
} else if (options.help) {
  console.log(HELP);
} else if (process.platform !== 'linux') {
  console.error('The benchmark reads /proc, which only Linux has.');
  process.exitCode = 2;
} else {
  process.exit(await runBench(options));
}
