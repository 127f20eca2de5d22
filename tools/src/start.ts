import { HELP, parseOptions } from './start/options.js';
import { supervise } from './start/supervise.js';

const options = parseOptions(process.argv.slice(2));
if (typeof options === 'string') {
  console.error(`${options}\n\n${HELP}`);
  process.exitCode = 2;
} else if (options.help) {
  console.log(HELP);
} else {
  // A terminal that was closed must not keep us from stopping what we started.
  process.stdout.on('error', () => undefined);
  process.exit(await supervise(options));
}
