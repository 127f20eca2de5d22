// Loaded by Jest outside its module system, so it uses the built library, and brings it up to date first.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const project = join(import.meta.dirname, '..');
const entry = join(project, 'dist', 'harness', 'test-backends.js');

export default async function globalSetup() {
  buildTestingLibrary();
  const { startTestBackends } = await import(entry);
  const backends = await startTestBackends((message) => process.stderr.write(`${message}\n`));
  process.env.HOOKSTREAM_TEST_KAFKA_BROKERS = backends.brokers;
  process.env.HOOKSTREAM_TEST_DATABASE_URL = backends.databaseUrl;
  // What tests put into the temporary folder goes with the run, even an interrupted one.
  process.env.TMPDIR = backends.folder;
  globalThis.hookstreamTestBackends = backends;
  // Jest skips the teardown when it is interrupted.
  const endNow = (code) => () => {
    backends.killNow();
    process.exit(code);
  };
  process.once('SIGINT', endNow(130)).once('SIGTERM', endNow(143)).once('SIGHUP', endNow(129));
}

function buildTestingLibrary() {
  try {
    execFileSync(process.execPath, [join(project, '../../node_modules/typescript/bin/tsc'), '-b', project], {
      stdio: 'pipe',
    });
  } catch (error) {
    // Type errors, here or in a library below, do not keep the compiler from writing; `npm run check` reports them.
    if (!existsSync(entry)) throw error;
  }
}
