#!/usr/bin/env node
// What `npm start`, `npm test`, `npm run check|demo|bench|simulate|test:invariants` run first, in a clone in which nothing is installed yet:
// plain JavaScript, Node's own modules only. It installs and builds what is missing and then becomes the command, in
// this very process: a child in between would have to forward every signal.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from './bootstrap/build.mjs';
import { installDependencies } from './bootstrap/install.mjs';

const COMMANDS = ['start', 'test', 'demo', 'bench', 'check', 'docs', 'simulate', 'invariants'];
const root = join(import.meta.dirname, '..');
process.chdir(root);

const [command, ...args] = process.argv.slice(2);
if (!COMMANDS.includes(command)) {
  console.error(`usage: node tools/bootstrap.mjs ${COMMANDS.join('|')} [arguments]`);
  process.exit(2);
}

const entry = join(import.meta.dirname, 'dist', `${command}.js`);
if (!(args.includes('--help') && existsSync(entry))) {
  await installDependencies(root);
  await build(root);
}
if (!existsSync(entry)) {
  console.error(`There is no \`${command}\` in this version.`);
  process.exit(2);
}
process.argv = [process.execPath, entry, ...args];
await import(pathToFileURL(entry).href);
