// Unit tests, run from source: no build, no network, no processes. `npm test` runs all of them at once;
// a project's own `test` script passes its folder.
import { availableParallelism } from 'node:os';

// Jest leaves one core to itself, which on a machine with two of them means one worker, and the other core idle.
export const maxWorkers = Math.max(2, availableParallelism() - 1);

export const base = {
  rootDir: import.meta.dirname,
  testEnvironment: 'node',
  testEnvironmentOptions: { customExportConditions: ['@hookstream/source', 'node', 'default'] },
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  modulePathIgnorePatterns: ['/dist/', '/.nx/', '/.hookstream/'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2022',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
        },
        module: { type: 'es6' },
      },
    ],
  },
};

export default {
  ...base,
  maxWorkers,
  testMatch: ['**/*.spec.ts'],
  testPathIgnorePatterns: ['\\.int\\.spec\\.ts$', '/apps/e2e/', '/node_modules/'],
};
