import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of the checkout this library lies in: the folder above, from `src` or from `dist`, that has an nx.json. */
export function workspaceRoot(): string {
  let directory = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(directory, 'nx.json'))) {
    const parent = dirname(directory);
    if (parent === directory) throw new Error('not inside a Hookstream checkout: no nx.json in any folder above');
    directory = parent;
  }
  return directory;
}

/** Where everything local lives that is not in git: Kafka's artefacts, data, logs, pid files. */
export function localStateDir(): string {
  return join(workspaceRoot(), '.hookstream');
}
