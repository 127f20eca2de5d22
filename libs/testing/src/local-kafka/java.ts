import { join } from 'node:path';
import { runCommand } from '../child/run-command.js';
import { MissingToolError } from '../missing-tool.js';

const OLDEST_JAVA = 17;
const OTHERWISE = 'or run `docker compose up`, or set HOOKSTREAM_KAFKA_BROKERS to a broker of your own';

export interface Java {
  readonly command: string;
  /** As Java prints it: `17.0.15`. */
  readonly version: string;
}

/** The Java of JAVA_HOME, else of the PATH. Throws MissingToolError if there is none of version 17 or newer. */
export async function findJava(): Promise<Java> {
  const home = process.env['JAVA_HOME'];
  const command = home === undefined || home === '' ? 'java' : join(home, 'bin', 'java');
  const version = await javaVersion(command);
  if (version !== undefined && majorVersion(version) >= OLDEST_JAVA) return { command, version };
  const found = version === undefined ? 'it was not found' : `found ${version}`;
  throw new MissingToolError(
    `The local Kafka needs Java ${OLDEST_JAVA} or newer (${found}): install it ` +
      `(Debian, Ubuntu: apt-get install openjdk-17-jre-headless; macOS: brew install openjdk@17), ${OTHERWISE}.`,
  );
}

/** Throws MissingToolError unless `mvn` can be run. */
export async function requireMaven(): Promise<void> {
  const works = await runCommand({ command: 'mvn', args: ['-version'] }).then(
    ({ code }) => code === 0,
    () => false,
  );
  if (works) return;
  throw new MissingToolError(
    'Fetching the local Kafka needs Maven once (`mvn` was not found): install it ' +
      `(Debian, Ubuntu: apt-get install maven; macOS: brew install maven), ${OTHERWISE}.`,
  );
}

/** 17 for `17.0.15`, 8 for `1.8.0_402`, 25 for `25-ea`. */
export function majorVersion(version: string): number {
  const [first = '0', second = '0'] = version.split(/[.\-_+]/);
  return Number(first === '1' ? second : first);
}

async function javaVersion(command: string): Promise<string | undefined> {
  try {
    const { stdout, stderr } = await runCommand({ command, args: ['-version'] });
    return /version "([^"]+)"/.exec(stdout + stderr)?.[1];
  } catch {
    return undefined;
  }
}
