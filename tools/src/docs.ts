import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { workspaceRoot } from '@hookstream/testing';
import { format, resolveConfig } from 'prettier';
import { configurationPage } from './docs/configuration-page.js';
import { openApiPage } from './docs/open-api-page.js';
import { topicsPage } from './docs/topics-page.js';

// `npm run docs` writes the generated pages; with `--check` it only says which are out of date.
const root = workspaceRoot();
const checkOnly = process.argv.includes('--check');
const pages = {
  'docs/topics.md': topicsPage(),
  'docs/configuration.md': await configurationPage(root),
  'docs/openapi.json': await openApiPage(root),
};

const stale: string[] = [];
for (const [page, text] of Object.entries(pages)) {
  const path = join(root, page);
  const formatted = await format(text, {
    ...(await resolveConfig(path)),
    parser: page.endsWith('.json') ? 'json' : 'markdown',
  });
  if (formatted === readOrEmpty(path)) continue;
  stale.push(page);
  if (!checkOnly) writeFileSync(path, formatted);
}

if (stale.length === 0) console.log('generated documents are up to date');
else if (!checkOnly) console.log(`written: ${stale.join(', ')}`);
else {
  console.error(`out of date: ${stale.join(', ')}; run \`npm run docs\``);
  process.exitCode = 1;
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
