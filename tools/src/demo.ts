import { HookstreamApi } from './demo/hookstream-api.js';
import { readApiEnv, readLocalEnv } from './demo/local-env.js';
import { showProfile } from './demo/profile/show-profile.js';
import { runDemo } from './demo/run-demo.js';
import { STATE } from './start/state-dir.js';

const [profile] = process.argv.slice(2);
const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    interrupted.abort(new Error('interrupted'));
  });
}
const print = (text: string) => {
  console.log(text);
};
try {
  const asExpected = await (profile === undefined ? playAll() : play(profile));
  process.exitCode = asExpected ? 0 : 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}

async function playAll(): Promise<boolean> {
  const env = readLocalEnv(STATE.localEnv);
  if (env === undefined) throw notRunning();
  return runDemo(env, print, interrupted.signal);
}

async function play(name: string): Promise<boolean> {
  const env = readApiEnv(STATE.localEnv, process.env);
  if (env === undefined) throw notRunning();
  return showProfile(name, new HookstreamApi(env.HOOKSTREAM_URL, env.HOOKSTREAM_API_KEY), print, interrupted.signal);
}

function notRunning(): Error {
  return new Error('Hookstream does not run here: start it with `npm start` in another terminal, then try again.');
}
