import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface GuideStep {
  readonly script: string;
  /** What the guide says comes; undefined where it shows nothing. */
  readonly shown: unknown;
}

const BLOCK = /```(sh|json)\n([\s\S]*?)```/g;
const STEP_TIMEOUT_MS = 60_000;

/** The `sh` blocks of a page of docs/guides, each with the `json` block that follows it. */
export function readGuide(path: string): readonly GuideStep[] {
  const steps: { script: string; shown: unknown }[] = [];
  for (const [, language, text = ''] of readFileSync(path, 'utf8').matchAll(BLOCK)) {
    const last = steps.at(-1);
    if (language === 'sh') steps.push({ script: text, shown: undefined });
    else if (last) last.shown = JSON.parse(text);
  }
  return steps;
}

/** Runs steps as somebody with one shell would: names that one sets, the next ones know. */
export function openShell(env: Readonly<Record<string, string>>) {
  const state = join(mkdtempSync(join(tmpdir(), 'guide-')), 'state.sh');
  return async (script: string): Promise<string> => {
    const kept = `declare -f > ${state}; declare -p | grep -vE '^declare -[^ ]*[rAa]' >> ${state}`;
    const whole = `[ -f ${state} ] && . ${state} 2>/dev/null; set -eu -o pipefail\n${script}\nset +eu; ${kept}\n`;
    const options = { env: { ...process.env, ...env }, timeout: STEP_TIMEOUT_MS };
    const { stdout } = await promisify(execFile)('bash', ['-c', whole], options);
    return stdout;
  };
}

/** Where an answer is not as it is shown; undefined where all that is shown is there. `…` stands for any text. */
export function differenceFromShown(shown: unknown, came: unknown, place = ''): string | undefined {
  if (typeof shown === 'string' && typeof came === 'string') {
    const pattern = shown.split('…').map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    return new RegExp(`^${pattern.join('[\\s\\S]*')}$`).test(came) ? undefined : `${place}: ${came} is not ${shown}`;
  }
  if (typeof shown !== 'object' || shown === null) {
    return Object.is(shown, came) ? undefined : `${place}: ${JSON.stringify(came)} is not ${JSON.stringify(shown)}`;
  }
  if (typeof came !== 'object' || came === null)
    return `${place}: ${JSON.stringify(came)} is not ${JSON.stringify(shown)}`;
  if (Array.isArray(shown) && Array.isArray(came) && shown.length !== came.length) {
    return `${place}: ${came.length} instead of ${shown.length}: ${JSON.stringify(came)}`;
  }
  for (const [name, member] of Object.entries(shown)) {
    const difference = differenceFromShown(member, Reflect.get(came, name), `${place}/${name}`);
    if (difference !== undefined) return difference;
  }
  return undefined;
}
