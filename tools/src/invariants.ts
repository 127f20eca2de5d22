import { HELP, parseInvariantOptions } from './invariants/options.js';
import { runInvariants } from './invariants/run-invariants.js';

const options = parseInvariantOptions(process.argv.slice(2));
if (typeof options === 'string') {
  console.error(`${options}\n\n${HELP}`);
  process.exitCode = 2;
} else if (options.help) {
  console.log(HELP);
} else {
  process.exitCode = await runInvariants(options);
}
