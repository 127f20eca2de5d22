import { STATE } from './start/state-dir.js';
import { readLocalEnv } from './demo/local-env.js';
import { runDemo } from './demo/run-demo.js';

const env = readLocalEnv(STATE.localEnv);
if (env === undefined) {
  console.error('Hookstream does not run here: start it with `npm start` in another terminal, then try again.');
  process.exitCode = 1;
} else {
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      interrupted.abort(new Error('interrupted'));
    });
  }
  try {
    const print = (line: string) => {
      console.log(line);
    };
    const asExpected = await runDemo(env, print, interrupted.signal);
    process.exitCode = asExpected ? 0 : 1;
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
}
