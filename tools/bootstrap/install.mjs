import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runVisibly } from './run-visibly.mjs';

/** Installs what package-lock.json names, unless exactly that is installed. */
export async function installDependencies(root) {
  if (isInstalled(root)) return;
  await runVisibly('Installing dependencies', 'npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
}

// By content, not by time: git gives files the time of the checkout, and an install of the same set touches nothing.
function isInstalled(root) {
  const installedFile = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(installedFile)) return false;
  const wanted = packagesOf(join(root, 'package-lock.json'));
  const installed = packagesOf(installedFile);
  return (
    [...wanted].every(([path, entry]) => installed.get(path)?.version === entry.version || mayBeMissing(entry)) &&
    [...installed.keys()].every((path) => wanted.has(path))
  );
}

function packagesOf(lockFile) {
  const { packages } = JSON.parse(readFileSync(lockFile, 'utf8'));
  return new Map(
    Object.entries(packages).filter(([path]) => path.startsWith('node_modules/') || path.includes('/node_modules/')),
  );
}

// Builds for other platforms.
function mayBeMissing(entry) {
  return entry.optional === true || entry.devOptional === true;
}
