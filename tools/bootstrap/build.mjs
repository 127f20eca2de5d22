import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { runVisibly } from './run-visibly.mjs';

/**
 * Builds every project by one compiler: a third of the work of one process per project, and a second when nothing has
 * changed. `nx run-many -t build` gives the same files, cached per project, for those who work on one.
 */
export function build(root) {
  const projects = ['libs', 'apps']
    .flatMap((folder) => readdirSync(join(root, folder)).map((name) => join(folder, name)))
    .concat('tools')
    .filter((project) => existsSync(join(root, project, 'tsconfig.json')));
  return runVisibly('Building', process.execPath, ['node_modules/typescript/bin/tsc', '-b', ...projects]);
}
